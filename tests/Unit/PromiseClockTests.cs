using Orleans.Mqtt.Tests.Support;
using Xunit;

namespace Orleans.Mqtt.Tests.Unit;

public class PromiseClockTests
{
    [Fact]
    public async Task The_time_for_which_a_test_could_not_go_on_is_allowed_on_top_of_what_is_promised()
    {
        var before = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(new Busy());
        using var clock = PromiseClock.StartNew();
        SynchronizationContext.SetSynchronizationContext(before);

        await Eventually.ThatAsync(() => clock.Elapsed > TimeSpan.FromMilliseconds(300));

        clock.ExpectWithin(TimeSpan.FromMilliseconds(100));
        Assert.ThrowsAny<Exception>(() => clock.ExpectBetween(TimeSpan.FromHours(1), TimeSpan.FromHours(2)));
    }

    /// <summary>Nobody comes to what it is given.</summary>
    private sealed class Busy : SynchronizationContext
    {
        public override void Post(SendOrPostCallback d, object? state)
        {
        }
    }
}
