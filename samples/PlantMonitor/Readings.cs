using System.Collections.Concurrent;

namespace Orleans.Mqtt.Samples.PlantMonitor;

/// <summary>The last temperature of each machine.</summary>
internal sealed class Readings
{
    private readonly ConcurrentDictionary<string, double> _byMachine = [];

    public void Note(string machine, double celsius) => _byMachine[machine] = celsius;

    public string Hottest() => _byMachine.IsEmpty ? "" : _byMachine.MaxBy(reading => reading.Value).Key;
}
