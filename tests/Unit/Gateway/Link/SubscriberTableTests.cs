using System.Text;
using CsCheck;
using Orleans.Mqtt.Gateway.Link;
using Orleans.Mqtt.Protocol;
using Orleans.Mqtt.Protocol.Topics;
using Orleans.Mqtt.Sessions;
using Xunit;

namespace Orleans.Mqtt.Tests.Unit.Gateway.Link;

public class SubscriberTableTests
{
    private static readonly string[] _filters = ["a", "a/b", "+", "a/+", "a/#", "#", "+/b", "$exclusive/a", "$exclusive/a/#"];
    private static readonly string[] _topics = ["a", "a/b", "a/c", "c/b", "$SYS/a"];

    [Fact]
    public void It_finds_what_a_plain_list_finds_whoever_comes_and_goes()
    {
        var gateway = new TestGateway();
        var clients = Enumerable.Range(0, 4).Select(client => gateway.Connect(new Wire(), $"{client}")).ToArray();
        Gen.Select(Gen.Int[0, 3], Gen.Int[0, 8], Gen.Int[0, 8], Gen.Bool).Array[0, 60].Sample(steps =>
        {
            var table = new SubscriberTable(mostRemembered: 20);
            var model = new Dictionary<(int, int), LocalSubscription>();
            foreach (var (client, filter, kind, isAdd) in steps)
            {
                if (model.Remove((client, filter), out var known))
                    table.Remove(known);
                if (isAdd)
                {
                    var granted = new Subscription { Filter = _filters[filter], QoS = (QoS)(kind % 3), RetainHandling = (byte)(kind / 3) };
                    table.Add(model[(client, filter)] = LocalSubscription.Of(clients[client], granted));
                }

                foreach (var topic in _topics)
                    Assert.Equal(Expected(model.Values, topic), Found(table, topic));
                foreach (var matched in _filters[..7])
                    Assert.Equal(Granted(model.Values.Where(one => one.MatchedFilter == matched)), Granted(table.To(matched)));
            }
        }, iter: 100);
    }

    [Fact]
    public void What_is_remembered_is_bounded_by_subscribers_and_not_by_topics_only()
    {
        var gateway = new TestGateway();
        var table = new SubscriberTable(mostRemembered: 100);
        for (var client = 0; client < 10; client++)
        {
            var granted = new Subscription { Filter = "#" };
            table.Add(LocalSubscription.Of(gateway.Connect(new Wire(), $"{client}"), granted));
        }

        for (var topic = 0; topic < 1000; topic++)
        {
            Assert.Equal(10, table.Match(Encoding.UTF8.GetBytes($"t/{topic}")).Length);
            Assert.Equal(10, table.Match(Encoding.UTF8.GetBytes($"t/{topic}")).Length);
            Assert.InRange(table.RememberedTopics, 1, 10);
        }
    }

    [Fact]
    public void Alone_again_a_subscription_is_one_of_many_that_are_alike()
    {
        var gateway = new TestGateway();
        var (one, other) = (gateway.Connect(new Wire(), "one"), gateway.Connect(new Wire(), "other"));
        var table = new SubscriberTable();
        var alone = LocalSubscription.Of(one, new Subscription { Filter = "a/+", RetainHandling = 1 });
        var second = LocalSubscription.Of(other, new Subscription { Filter = "a/+", RetainHandling = 1 });

        table.Add(alone);
        Assert.Same(one.LoneAt(QoS.AtMostOnce, 1).Answer, table.Match("a/1"u8));
        table.Add(second);
        Assert.Equal(2, table.Match("a/2"u8).Length);
        table.Remove(alone);
        Assert.Same(other.LoneAt(QoS.AtMostOnce, 1).Answer, table.Match("a/3"u8));
        table.Add(alone);
        table.Remove(second);
        Assert.Same(one.LoneAt(QoS.AtMostOnce, 1).Answer, table.Match("a/4"u8));
        table.Remove(alone);
        Assert.Empty(table.Match("a/5"u8));
    }

    private static string[] Granted(IEnumerable<LocalSubscription> subscriptions) =>
    [
        .. subscriptions.Select(one => $"{one.Connection.ClientId} {one.Granted}").Order(StringComparer.Ordinal),
    ];

    private static string[] Expected(IEnumerable<LocalSubscription> subscriptions, string topic) =>
    [
        .. subscriptions
            .Where(one => TopicMatcher.Matches(Encoding.UTF8.GetBytes(one.MatchedFilter), Encoding.UTF8.GetBytes(topic)))
            .GroupBy(one => one.Connection.ClientId)
            .Select(client => $"{client.Key} {client.Max(one => one.Granted.QoS)}")
            .Order(StringComparer.Ordinal),
    ];

    private static string[] Found(SubscriberTable table, string topic) =>
    [
        .. table.Match(Encoding.UTF8.GetBytes(topic))
            .Select(subscriber => $"{subscriber.Connection.ClientId} {subscriber.QoS}")
            .Order(StringComparer.Ordinal),
    ];
}
