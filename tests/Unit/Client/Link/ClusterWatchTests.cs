using Orleans.Mqtt.Client.Link;
using Orleans.Mqtt.Delivery;
using Xunit;

namespace Orleans.Mqtt.Tests.Unit.Client.Link;

public class ClusterWatchTests
{
    private readonly ClusterWatch _watch = new();

    [Fact]
    public void A_silo_that_is_missing_is_lost_and_one_that_is_new_is_not()
    {
        Assert.False(_watch.Note(Answer(1, "a", "b")));
        var lost = _watch.Lost;

        Assert.True(_watch.Note(Answer(2, "a", "b", "c")));
        Assert.False(lost.IsCompleted);

        Assert.True(_watch.Note(Answer(3, "a", "c")));
        Assert.True(lost.IsCompleted);
        Assert.False(_watch.Lost.IsCompleted);
    }

    [Fact]
    public void What_a_silo_says_that_knows_less_is_no_news()
    {
        _watch.Note(Answer(5, "a", "b"));
        var lost = _watch.Lost;

        Assert.False(_watch.Note(Answer(4, "a")));

        Assert.False(lost.IsCompleted);
        Assert.Equal(5, _watch.Version);
    }

    private static LeaseAnswer Answer(long version, params string[] silos) =>
        new() { IsAlive = true, ClusterVersion = version, Silos = silos };
}
