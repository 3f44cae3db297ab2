using System.Globalization;
using Orleans.Mqtt.Tests.Bench.Load;
using Orleans.Mqtt.Tests.Bench.Sockets;

namespace Orleans.Mqtt.Tests.Bench.Brokers;

/// <summary>What a process has cost until now, as the kernel counts it.</summary>
/// <param name="Cpu">User and system time of all its threads.</param>
/// <param name="ResidentBytes">Memory that is in RAM now.</param>
internal readonly record struct Usage(TimeSpan Cpu, long ResidentBytes)
{
    private const int ClockTicksASecond = 2; // _SC_CLK_TCK

    private static readonly double _ticksASecond = Libc.SystemSetting(ClockTicksASecond);

    public static Usage operator +(Usage one, Usage other) =>
        new(one.Cpu + other.Cpu, one.ResidentBytes + other.ResidentBytes);

    public static Usage Of(int process)
    {
        var stat = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/stat"));
        // The name of the program, in brackets, may hold anything; what is numbered comes behind it.
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        var ticks = long.Parse(fields[11], CultureInfo.InvariantCulture) // utime
            + long.Parse(fields[12], CultureInfo.InvariantCulture); // stime

        var resident = File
            .ReadLines(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/status"))
            .FirstOrDefault(line => line.StartsWith("VmRSS:", StringComparison.Ordinal))
            ?? throw new BrokenRunException($"process {process} has ended");
        var kibibytes = resident.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)[1];
        return new Usage(
            TimeSpan.FromSeconds(ticks / _ticksASecond),
            long.Parse(kibibytes, CultureInfo.InvariantCulture) * 1024);
    }
}
