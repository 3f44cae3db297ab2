using System.Globalization;

namespace Orleans.Mqtt.Tests.Cluster;

/// <summary>A command, and switches with a value each.</summary>
internal sealed class Arguments(string[] args)
{
    public string? Command => args.Length > 0 && !args[0].StartsWith('-') ? args[0] : null;

    public string? Word(string name)
    {
        var at = Array.IndexOf(args, name);
        return at < 0 || at + 1 >= args.Length ? null : args[at + 1];
    }

    public int? Number(string name) =>
        Word(name) is { } word ? int.Parse(word, CultureInfo.InvariantCulture) : null;
}
