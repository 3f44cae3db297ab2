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
        Gen.Select(Gen.Int[0, 3], Gen.Int[0, 8], Gen.Int[0, 2], Gen.Bool).Array[0, 60].Sample(steps =>
        {
            var table = new SubscriberTable(mostRemembered: 20);
            var model = new Dictionary<(int, int), LocalSubscription>();
            foreach (var (client, filter, qos, isAdd) in steps)
            {
                if (model.Remove((client, filter), out var known))
                    table.Remove(known);
                if (isAdd)
                {
                    var granted = new Subscription { Filter = _filters[filter], QoS = (QoS)qos };
                    table.Add(model[(client, filter)] = LocalSubscription.Of(clients[client], granted));
                }

                foreach (var topic in _topics)
                    Assert.Equal(Expected(model.Values, topic), Found(table, topic));
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
