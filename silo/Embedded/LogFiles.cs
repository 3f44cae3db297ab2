using System.Globalization;

namespace Orleans.Mqtt.Silo.Embedded;

/// <summary>
/// The files of a store: snapshot n holds everything up to the beginning of log n, and the logs from n on hold what came
/// after. A snapshot has its name only once it is whole, and only then the files before it go.
/// </summary>
internal sealed class LogFiles(string folder)
{
    private const string LogSuffix = ".log";
    private const string SnapshotSuffix = ".snapshot";
    private const string UnfinishedSuffix = ".unfinished";

    public string Log(long number) => Name(number, LogSuffix);

    public string Snapshot(long number) => Name(number, SnapshotSuffix);

    public string Unfinished(long number) => Name(number, UnfinishedSuffix);

    /// <summary>Number of the newest snapshot, or 0.</summary>
    public long NewestSnapshot() => Numbers(SnapshotSuffix).DefaultIfEmpty(0).Max();

    /// <summary>Numbers of the logs from the given one on, in order.</summary>
    /// <exception cref="InvalidDataException">One is missing.</exception>
    public IReadOnlyList<long> LogsFrom(long first)
    {
        var numbers = Numbers(LogSuffix).Where(number => number >= first).Order().ToArray();
        var expected = first is 0 ? 1 : first;
        foreach (var number in numbers)
        {
            if (number != expected++)
                throw new InvalidDataException($"'{Log(expected - 1)}' is missing.");
        }

        return numbers;
    }

    /// <summary>Removes what a newer snapshot has replaced, and snapshots that were never finished.</summary>
    public void Tidy(long snapshot)
    {
        foreach (var number in Numbers(UnfinishedSuffix))
            File.Delete(Unfinished(number));

        foreach (var number in Numbers(SnapshotSuffix).Where(number => number < snapshot))
            File.Delete(Snapshot(number));

        // Oldest first: a kill in between leaves no gap behind the snapshot.
        foreach (var number in Numbers(LogSuffix).Where(number => number < snapshot).Order())
            File.Delete(Log(number));
    }

    private long[] Numbers(string suffix) =>
    [
        .. Directory.EnumerateFiles(folder, "*" + suffix)
            .Select(path => Path.GetFileNameWithoutExtension(path))
            .Where(name => long.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out _))
            .Select(name => long.Parse(name, CultureInfo.InvariantCulture)),
    ];

    private string Name(long number, string suffix) =>
        Path.Combine(folder, number.ToString("D12", CultureInfo.InvariantCulture) + suffix);
}
