using Orleans.Mqtt.Gateway.Hosting;
using Xunit;

namespace Orleans.Mqtt.Tests.Unit.Gateway.Hosting;

public class RestWatchTests
{
    private readonly RestWatch _watch = new(worthIt: 100, mostAtRest: 10);

    [Fact]
    public void Garbage_is_collected_when_there_is_enough_and_the_process_rests()
    {
        Assert.False(_watch.IsTime(allocated: 95, collections: 0)); // a burst
        Assert.False(_watch.IsTime(allocated: 99, collections: 0)); // at rest, but not worth it
        Assert.True(_watch.IsTime(allocated: 105, collections: 0));
    }

    [Fact]
    public void A_process_at_work_is_left_to_the_runtime()
    {
        Assert.False(_watch.IsTime(allocated: 1_000, collections: 0));
        Assert.False(_watch.IsTime(allocated: 2_000, collections: 0));
        Assert.True(_watch.IsTime(allocated: 2_001, collections: 0));
    }

    [Fact]
    public void What_has_been_collected_is_not_collected_again()
    {
        _watch.IsTime(allocated: 1_000, collections: 0);

        Assert.False(_watch.IsTime(allocated: 1_001, collections: 1));
        Assert.False(_watch.IsTime(allocated: 1_011, collections: 1));
        Assert.Contains(Enumerable.Range(2, 20), look => _watch.IsTime(allocated: 1_001 + (look * 9), collections: 1));
    }
}
