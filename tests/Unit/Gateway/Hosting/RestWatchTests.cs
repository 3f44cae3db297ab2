using Orleans.Mqtt.Gateway.Hosting;
using Xunit;

namespace Orleans.Mqtt.Tests.Unit.Gateway.Hosting;

public class RestWatchTests
{
    private const long Mebibyte = 1024 * 1024;

    private static readonly TimeSpan _interval = TimeSpan.FromSeconds(1);

    private readonly RestWatch _watch = new(_interval);
    private RestFigures _now;

    [Fact]
    public void Young_garbage_is_collected_when_there_is_enough_and_the_process_makes_little_more()
    {
        Assert.Equal(Rest.LeaveAlone, Look(allocated: 3, cores: 1));
        Assert.Equal(Rest.LeaveAlone, Look(allocated: 0, cores: 1)); // at rest, but not worth it
        Assert.Equal(Rest.CollectYoung, Look(allocated: 1, cores: 1)); // however busy it is otherwise
    }

    [Fact]
    public void A_process_that_allocates_is_left_to_the_runtime()
    {
        Assert.Equal(Rest.LeaveAlone, Look(allocated: 1_000, cores: 1));
        Assert.Equal(Rest.LeaveAlone, Look(allocated: 1_000, cores: 1, wasted: 1_000));
        Assert.Equal(Rest.CollectYoung, Look(allocated: 0, cores: 1));
    }

    [Fact]
    public void What_has_been_collected_is_not_collected_again()
    {
        Look(allocated: 1_000, cores: 1);

        Assert.Equal(Rest.LeaveAlone, Look(allocated: 1, cores: 1, collections: 1));
        Assert.Equal(Rest.LeaveAlone, Look(allocated: 1, cores: 1));
        Assert.Equal(Rest.LeaveAlone, Look(allocated: 2, cores: 1));
        Assert.Equal(Rest.CollectYoung, Look(allocated: 1, cores: 1));
    }

    [Fact]
    public void The_heap_is_compacted_when_it_wastes_much_and_the_process_is_idle_and_only_once()
    {
        Assert.Equal(Rest.LeaveAlone, Look(allocated: 100, cores: 1, wasted: 50));
        Assert.NotEqual(Rest.Compact, Look(allocated: 0, cores: 0, wasted: 50)); // it was busy a moment ago
        Assert.Equal(Rest.Compact, Look(allocated: 0, cores: 0, wasted: 50));
        Assert.NotEqual(Rest.Compact, Look(allocated: 0, cores: 0, wasted: 50, collections: 1)); // it did not help
    }

    [Theory]
    [InlineData(10, 0.0, 5, 100)] // little to win
    [InlineData(100, 0.5, 50, 100)] // messages pass
    [InlineData(100, 0.0, 100, 1100)] // too long a pause
    [InlineData(20, 0.0, 30, 900)] // little of much
    public void Else_it_is_not(long allocated, double cores, long wasted, long heap)
    {
        Look(allocated, cores, wasted, heap);
        Look(allocated: 0, cores, wasted, heap);

        Assert.NotEqual(Rest.Compact, Look(allocated: 0, cores, wasted, heap));
    }

    [Fact]
    public void What_a_burst_has_left_in_the_old_generation_is_looked_for_once_it_is_over()
    {
        Look(allocated: 1_000, cores: 1, heap: 900);
        Look(allocated: 0, cores: 0, heap: 900);

        Assert.Equal(Rest.Compact, Look(allocated: 0, cores: 0, heap: 900));
        Assert.NotEqual(Rest.Compact, Look(allocated: 0, cores: 0, heap: 900, collections: 1, full: 1));
    }

    [Fact]
    public void What_the_runtime_has_judged_is_not_judged_again()
    {
        Look(allocated: 1_000, cores: 1, heap: 900);
        Look(allocated: 1, cores: 0, heap: 900, collections: 1, full: 1);

        Assert.NotEqual(Rest.Compact, Look(allocated: 0, cores: 0, heap: 900));
        Assert.NotEqual(Rest.Compact, Look(allocated: 0, cores: 0, heap: 900));
    }

    private Rest Look(long allocated, double cores, long wasted = 0, long heap = 100, int collections = 0, int full = 0)
    {
        _now = new RestFigures(
            _now.Allocated + (allocated * Mebibyte), _now.Collections + collections, _now.Cpu + (cores * _interval), heap * Mebibyte,
            wasted * Mebibyte, _now.FullCollections + full);
        return _watch.Look(_now);
    }
}
