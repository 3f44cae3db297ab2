using System.Diagnostics;
using Xunit;

namespace Orleans.Mqtt.Tests.Support;

/// <summary>
/// For promises that name a time. What the machine takes away is no fault of the broker: the time for which this test, too,
/// had something to do and was not let, is added to what is allowed.
/// </summary>
public sealed class PromiseClock : IDisposable
{
    private static readonly TimeSpan _tick = TimeSpan.FromMilliseconds(20);

    private readonly long _began = Stopwatch.GetTimestamp();
    private readonly PeriodicTimer _ticks = new(_tick);
    private long _lastTick = Stopwatch.GetTimestamp();
    private long _late;

    private PromiseClock() => _ = TickAsync(); // it cannot fail, and ends with the clock

    public TimeSpan Elapsed => Stopwatch.GetElapsedTime(_began);

    /// <summary>For how long of it the machine stood still, as far as can be seen from here.</summary>
    public TimeSpan Stalled => TimeSpan.FromTicks(Interlocked.Read(ref _late)) + SinceDue();

    /// <summary>It runs from now on.</summary>
    public static PromiseClock StartNew() => new();

    /// <summary>It took at least that long, and no longer than that and what the machine took away.</summary>
    public void ExpectBetween(TimeSpan least, TimeSpan most)
    {
        var (elapsed, stalled) = (Elapsed, Stalled);
        Assert.True(
            elapsed >= least && elapsed <= most + stalled,
            $"it took {elapsed}, of which the machine stood still for {stalled}; {least} to {most} were allowed");
    }

    /// <inheritdoc cref="ExpectBetween(TimeSpan, TimeSpan)"/>
    public void ExpectBetween(double leastSeconds, double mostSeconds) =>
        ExpectBetween(TimeSpan.FromSeconds(leastSeconds), TimeSpan.FromSeconds(mostSeconds));

    /// <summary>It took no longer than that and what the machine took away.</summary>
    public void ExpectWithin(TimeSpan most) => ExpectBetween(TimeSpan.Zero, most);

    public void Dispose() => _ticks.Dispose();

    // Goes on where the test itself would go on, and so waits in the same queues.
    private async Task TickAsync()
    {
        while (await _ticks.WaitForNextTickAsync())
        {
            Interlocked.Add(ref _late, SinceDue().Ticks);
            Interlocked.Exchange(ref _lastTick, Stopwatch.GetTimestamp());
        }
    }

    /// <summary>How late the tick is that is awaited now.</summary>
    private TimeSpan SinceDue()
    {
        var late = Stopwatch.GetElapsedTime(Interlocked.Read(ref _lastTick)) - _tick;
        return late > TimeSpan.Zero ? late : TimeSpan.Zero;
    }
}
