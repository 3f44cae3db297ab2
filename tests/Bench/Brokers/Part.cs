namespace Orleans.Mqtt.Tests.Bench.Brokers;

/// <summary>One process of a broker.</summary>
internal sealed record Part(string File, IReadOnlyList<string> Arguments)
{
    /// <summary>Where it listens when the next part may start; null when nobody waits for it.</summary>
    public int? ReadyPort { get; init; }

    /// <summary>A program of ours: an executable, or a library for the dotnet command.</summary>
    public static Part Ours(string path, IEnumerable<string> arguments) => Path.GetExtension(path) is ".dll"
        ? new("dotnet", [path, .. arguments])
        : new(path, [.. arguments]);
}
