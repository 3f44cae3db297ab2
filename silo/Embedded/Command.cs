namespace Orleans.Mqtt.Silo.Embedded;

/// <summary>What a command does, how many parts it needs at least (its name included), and whether it changes anything.</summary>
internal sealed record Command(int Parts, bool Writes, Action<Database, Arguments, Replies> Run)
{
    public static readonly Dictionary<byte[], Command> All = Collect();

    private static Dictionary<byte[], Command> Collect()
    {
        var all = new Dictionary<byte[], Command>(BytesComparer.Instance);
        foreach (var (name, command) in KeyCommands.All.Concat(HashCommands.All).Concat(ListCommands.All)
            .Concat(SetCommands.All).Concat(SortedSetCommands.All))
        {
            all.Add(System.Text.Encoding.ASCII.GetBytes(name), command);
        }

        return all;
    }
}
