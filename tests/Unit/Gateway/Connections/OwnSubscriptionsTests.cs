using System.Text;
using CsCheck;
using Orleans.Mqtt.Gateway.Connections;
using Orleans.Mqtt.Protocol;
using Orleans.Mqtt.Protocol.Topics;
using Orleans.Mqtt.Sessions;
using Xunit;

namespace Orleans.Mqtt.Tests.Unit.Gateway.Connections;

public class OwnSubscriptionsTests
{
    private static readonly string[] _filters = ["a", "a/b", "+", "a/+", "a/#", "#"];
    private static readonly string[] _topics = ["a", "a/b", "a/c", "c/b"];

    private static readonly Gen<Subscription> _subscription =
        Gen.Select(Gen.Int[0, 5], Gen.Int[0, 2], Gen.Int[0, 2], Gen.Bool, Gen.Bool, (filter, qos, identifier, noLocal, keeps) =>
            new Subscription
            {
                Filter = _filters[filter],
                QoS = (QoS)qos,
                Identifier = (uint)identifier,
                NoLocal = noLocal,
                RetainAsPublished = keeps,
            });

    [Fact]
    public void They_say_what_a_plain_list_says_whatever_comes_and_goes() =>
        Gen.Select(_subscription, Gen.Bool).Array[0, 20].Sample(steps =>
        {
            var own = new OwnSubscriptions();
            var model = new Dictionary<string, Subscription>();
            foreach (var (subscription, isRemoved) in steps)
            {
                if (isRemoved)
                {
                    own.Remove(subscription.Filter);
                    model.Remove(subscription.Filter);
                }
                else
                {
                    own.Set(subscription, [.. model.Values]);
                    model[subscription.Filter] = subscription;
                }

                foreach (var topic in _topics)
                    Check(own, model.Values, topic);
            }
        });

    private static void Check(OwnSubscriptions own, IEnumerable<Subscription> all, string topic)
    {
        foreach (var isOwn in new[] { false, true })
        {
            var matching = all
                .Where(each => TopicMatcher.Matches(Encoding.UTF8.GetBytes(each.Filter), Encoding.UTF8.GetBytes(topic)))
                .Where(each => !(isOwn && each.NoLocal))
                .ToList();
            var heard = own.HearingOf(Encoding.UTF8.GetBytes(topic), isOwn);
            Assert.Equal(matching.Exists(each => each.RetainAsPublished), heard.KeepsRetain);
            Assert.Equal(
                matching.Where(each => each.Identifier != 0).Select(each => (int)each.Identifier).Order(), heard.Identifiers.Order());

            // While nothing is special the gateway's table knows the QoS, and nobody asks here.
            if (heard.QoS is { } qos)
                Assert.Equal(matching.Max(each => each.QoS), qos);
            else
                Assert.True(matching.Count == 0 || !matching.Exists(each => each.RetainAsPublished || each.Identifier != 0));
        }
    }
}
