using Orleans.Mqtt.Protocol.Topics;
using Xunit;

namespace Orleans.Mqtt.Tests.Unit.Protocol.Topics;

[Collection(MeasuredAlone.Name)]
public sealed class TreeMemoryTests
{
    private const int Many = 200_000;

    [Fact]
    public void A_filter_of_five_levels_costs_no_more_than_125_bytes()
    {
        var before = MeasuredAlone.Memory();
        var tree = new FilterTree<string>();
        for (var i = 0; i < Many; i++)
            tree.Set($"site/{i / 1000}/dev{i}/+/state".Utf8(), "value");

        Assert.InRange((MeasuredAlone.Memory() - before) / (double)Many, 50, 125);
        Assert.Equal(Many, tree.Count);
    }

    [Fact]
    public void A_topic_of_four_levels_costs_no_more_than_125_bytes()
    {
        var before = MeasuredAlone.Memory();
        var tree = new TopicTree<string>();
        for (var i = 0; i < Many; i++)
            tree.Set($"site/{i / 1000}/dev{i}/state".Utf8(), "value");

        Assert.InRange((MeasuredAlone.Memory() - before) / (double)Many, 50, 125);
        Assert.Equal(Many, tree.Count);
    }

    [Fact]
    public void A_large_tree_that_runs_empty_gives_its_memory_back()
    {
        var before = MeasuredAlone.Memory();
        var tree = new FilterTree<string>();
        for (var i = 0; i < Many; i++)
            tree.Set($"dev{i}/+".Utf8(), "value");

        for (var i = 0; i < Many; i++)
            Assert.True(tree.Remove($"dev{i}/+".Utf8()));

        Assert.InRange(MeasuredAlone.Memory() - before, long.MinValue, 1_000_000);
        Assert.Equal(0, tree.Count);
    }

    [Fact]
    public void A_tree_of_one_filter_is_small()
    {
        var allocated = Allocations.LeastOf(() => new FilterTree<string>().Set("site/7/state"u8, "value"));

        Assert.InRange(allocated, 0, 3_000);
    }
}
