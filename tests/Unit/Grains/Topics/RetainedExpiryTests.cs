using Orleans.Mqtt.Grains.Topics;
using Xunit;

namespace Orleans.Mqtt.Tests.Unit.Grains.Topics;

public class RetainedExpiryTests
{
    private readonly RetainedExpiry _expiry = new();

    [Fact]
    public void Topics_are_looked_at_when_their_time_has_come_the_earliest_first()
    {
        _expiry.Add("later", 30);
        _expiry.Add("soon", 10);
        _expiry.Add("never", 0);

        Assert.Empty(Taken(now: 9));
        Assert.Equal(["soon", "later"], Taken(now: 30));
        Assert.Equal(0, _expiry.Count);
    }

    [Fact]
    public void A_topic_that_changes_again_and_again_takes_one_place()
    {
        for (uint i = 0; i < 1_000; i++)
            _expiry.Add("busy", 100 + i);

        Assert.Equal(1, _expiry.Count);
        Assert.Equal(["busy"], Taken(now: 100));
    }

    [Fact]
    public void A_topic_whose_time_comes_earlier_than_it_was_to_is_looked_at_earlier()
    {
        _expiry.Add("a", 100);
        _expiry.Add("a", 10);

        Assert.Equal(["a"], Taken(now: 10));
        _expiry.Add("a", 50);
        Assert.Equal(["a"], Taken(now: 50));
    }

    private List<string> Taken(uint now)
    {
        var taken = new List<string>();
        while (_expiry.TryTake(now, out var topic))
            taken.Add(topic);
        return taken;
    }
}
