namespace Orleans.Mqtt.Silo.Embedded;

/// <summary>What clients ask when they come in: answers that touch no data.</summary>
internal static class Pleasantries
{
    private const string About =
        "# Server\r\nredis_version:7.0.0\r\nredis_mode:standalone\r\n# Replication\r\nrole:master\r\nconnected_slaves:0\r\n";

    public static void Answer(Arguments command, Replies replies)
    {
        switch (command.Text(0).ToUpperInvariant())
        {
            case "PING" when command.Count is 1:
                replies.Status("PONG"u8);
                break;

            case "PING" or "ECHO" when command.Count is 2:
                replies.Bulk(command[1]);
                break;

            case "SELECT" when command.Count is 2:
                if (command.Integer(1) is not 0)
                    throw new CommandException("ERR DB index is out of range");

                replies.Ok();
                break;

            case "CLIENT" when command.Count > 1 && (command.Is(1, "SETNAME") || command.Is(1, "SETINFO")):
                replies.Ok();
                break;

            case "INFO":
                replies.Bulk(System.Text.Encoding.ASCII.GetBytes(About));
                break;

            case "CONFIG" when command.Count > 2 && command.Is(1, "GET"):
                AnswerSetting(command, replies);
                break;

            default:
                throw new CommandException("ERR unknown command, or wrong number of arguments for it");
        }
    }

    private static void AnswerSetting(Arguments command, Replies replies)
    {
        var value = command.Text(2).ToUpperInvariant() switch
        {
            "APPENDONLY" => "yes",
            "DATABASES" => "1",
            "TIMEOUT" => "0",
            "SLAVE-READ-ONLY" or "REPLICA-READ-ONLY" => "yes",
            _ => null,
        };
        replies.Array(value is null ? 0 : 2);
        if (value is null)
            return;

        replies.Bulk(command[2]);
        replies.Bulk(System.Text.Encoding.ASCII.GetBytes(value));
    }
}
