using System.Diagnostics;

namespace Orleans.Mqtt.Tests.Bench.Load;

/// <summary>
/// Sends at a fixed rate whatever comes back, in turn through all publishers. A message carries the time it was due,
/// not the time it was sent, so that a stall counts for all who had to wait for it.
/// </summary>
internal sealed class Pacer(IReadOnlyList<Publisher> publishers, double messagesPerSecond)
{
    private static readonly TimeSpan _finest = TimeSpan.FromMicroseconds(50);

    private readonly double _ticksAMessage = Stopwatch.Frequency / messagesPerSecond;
    private readonly long _startedAt = Stopwatch.GetTimestamp();
    private long _sent;

    public TimeSpan Interval { get; } = TimeSpan.FromTicks(
        Math.Max(_finest.Ticks, (long)(TimeSpan.TicksPerSecond / messagesPerSecond)));

    public void Tick()
    {
        var elapsed = Stopwatch.GetTimestamp() - _startedAt;
        for (var due = (long)(elapsed / _ticksAMessage); _sent < due; _sent++)
        {
            var dueAt = _startedAt + (long)((_sent + 1) * _ticksAMessage);
            publishers[(int)(_sent % publishers.Count)].SendOne(dueAt);
        }
    }
}
