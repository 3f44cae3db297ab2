using System.Text;
using CsCheck;
using Orleans.Mqtt.Gateway.Connections;
using Xunit;

namespace Orleans.Mqtt.Tests.Unit.Gateway.Connections;

public class OutboundAliasesTests
{
    [Fact]
    public void Whatever_comes_the_client_knows_every_alias_that_stands_for_a_topic() =>
        Gen.Select(Gen.Int[1, 5], Gen.Int[0, 12].Array[0, 200]).Sample((most, topics) =>
        {
            var aliases = new OutboundAliases(most);
            var client = new Dictionary<int, string>();
            foreach (var number in topics)
            {
                var topic = $"topic/{number}";
                var alias = Say(aliases, topic, client);
                Assert.InRange(alias, 0, most);
                if (alias != 0)
                    Assert.Equal(topic, client[alias]);
            }
        });

    [Fact]
    public void While_there_are_any_left_every_topic_gets_one_at_once()
    {
        var aliases = new OutboundAliases(3);
        for (var i = 1; i <= 3; i++)
            Assert.Equal(i, Say(aliases, $"topic/{i}", []));
        Assert.Equal(0, Say(aliases, "topic/4", []));
    }

    [Fact]
    public void Then_topics_that_come_often_are_known_and_those_that_come_once_get_nothing()
    {
        var aliases = new OutboundAliases(3);
        var client = new Dictionary<int, string>();
        for (var i = 0; i < 3; i++)
            Say(aliases, $"first/{i}", client);
        for (var i = 0; i < 1000; i++)
        {
            Say(aliases, $"often/{i % 3}", client);
            Assert.Equal(0, Say(aliases, $"once/{i}", client));
        }

        for (var i = 0; i < 3; i++)
            Assert.NotEqual(0, aliases.Known(Encoding.UTF8.GetBytes($"often/{i}")));
    }

    [Fact]
    public void Who_takes_none_gets_none_and_a_short_topic_is_not_worth_one()
    {
        foreach (var (aliases, topic) in new[] { (new OutboundAliases(0), "topic"), (new OutboundAliases(5), "a/b") })
        {
            for (var i = 0; i < 3; i++)
                Assert.Equal(0, Say(aliases, topic, []));
        }
    }

    /// <summary>As the encoder does it: the alias, given or known, and what the client makes of it.</summary>
    private static int Say(OutboundAliases aliases, string topic, Dictionary<int, string> client)
    {
        var bytes = Encoding.UTF8.GetBytes(topic);
        var alias = aliases.Known(bytes);
        if (alias != 0)
            return alias;

        alias = aliases.Offer(bytes);
        if (alias == 0)
            return 0;

        aliases.Give(alias, bytes);
        client[alias] = topic;
        return alias;
    }
}
