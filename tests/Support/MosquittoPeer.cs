using System.Diagnostics;
using System.Net.Sockets;
using System.Text;

namespace Orleans.Mqtt.Tests.Support;

/// <summary>Mosquitto in the place of our broker: where both agree, the test is probably right.</summary>
internal sealed class MosquittoPeer : IPeer
{
    private const string DefaultProgram = "/usr/sbin/mosquitto";
    private const string Rules = "topic readwrite #\ntopic readwrite $t/#\ntopic deny denied/#\ntopic deny mute/#\n";

    public ProcessStartInfo Command(BrokerPlace place, IReadOnlyList<string> arguments)
    {
        var settings = new StringBuilder($"""
            listener {place.Port} 127.0.0.1
            allow_anonymous true
            persistence true
            persistence_location {place.Folder}/
            max_packet_size 1048576
            allow_duplicate_messages false
            set_tcp_nodelay true
            log_type all

            """);
        // Running as root, it would drop to a user that may not write the folder.
        settings.AppendLine($"user {Environment.UserName}");
        Translate(place, arguments, settings);
        var file = Path.Combine(place.Folder, "mosquitto.conf");
        File.WriteAllText(file, settings.ToString());
        return new(DefaultProgram, ["-c", file]);
    }

    public async Task<bool> IsReadyAsync(BrokerPlace place)
    {
        using var probe = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await probe.ConnectAsync("127.0.0.1", place.Port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static void Translate(BrokerPlace place, IReadOnlyList<string> arguments, StringBuilder settings)
    {
        foreach (var argument in arguments)
        {
            var (name, value) = (argument.Split('=')[0], argument.Split('=')[^1]);
            if (name == "--Sessions:MaximumQueuedMessages")
                settings.AppendLine($"max_inflight_messages 1\nmax_queued_messages {value}");
            else if (!name.StartsWith("--Access:Deny", StringComparison.Ordinal))
                throw new ArgumentException($"Mosquitto is not known to have a setting like {name}");
        }

        if (!arguments.Any(argument => argument.StartsWith("--Access:Deny", StringComparison.Ordinal)))
            return;
        var file = Path.Combine(place.Folder, "acl");
        // Rules for the nameless come first; whoever gives a name has rules of his own.
        File.WriteAllText(file, Rules + "user someone\n" + Rules);
        settings.AppendLine($"acl_file {file}");
    }
}
