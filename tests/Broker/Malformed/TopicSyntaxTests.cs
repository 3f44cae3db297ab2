using Orleans.Mqtt.Tests.Support;
using Xunit;

namespace Orleans.Mqtt.Tests.Broker.Malformed;

/// <summary>Section 4.7: names have no wildcards, and filters have them only where they may stand.</summary>
public sealed class TopicSyntaxTests(SharedBroker broker)
{
    [Theory, InlineData("#"), InlineData("+"), InlineData("a/#"), InlineData("a/+/b"), InlineData("a+")]
    [InlineData("a#b")]
    [Spec("MQTT-3.3.2-2", "MQTT-4.7.1-1", "MQTT-4.8.0-1")]
    public Task A_topic_name_with_a_wildcard_closes_the_connection(string topic) =>
        broker.ExpectClosedInSessionUponAsync(Packet.Publish(topic, "x"));

    [Fact, Spec("MQTT-4.7.3-1")]
    public async Task An_empty_topic_closes_the_connection()
    {
        await broker.ExpectClosedInSessionUponAsync(Packet.Publish("", "x"));
        await broker.ExpectClosedInSessionUponAsync(Packet.Subscribe(1, ("", 0)));
        await broker.ExpectClosedInSessionUponAsync(Packet.Unsubscribe(1, ""));
    }

    [Theory, InlineData("a#"), InlineData("a/b#"), InlineData("#/a"), InlineData("a/#/b"), InlineData("##")]
    [InlineData("a/##")]
    [InlineData("#a"), InlineData("#+"), InlineData("+#"), Spec("MQTT-4.7.1-2", "MQTT-4.8.0-1")]
    public async Task A_number_sign_stands_alone_and_last(string filter)
    {
        await broker.ExpectClosedInSessionUponAsync(Packet.Subscribe(1, (filter, 0)));
        await broker.ExpectClosedInSessionUponAsync(Packet.Unsubscribe(1, filter));
    }

    [Theory, InlineData("a+"), InlineData("+a"), InlineData("a/+b"), InlineData("a/b+/c"), InlineData("++")]
    [InlineData("+/++")]
    [Spec("MQTT-4.7.1-3", "MQTT-4.8.0-1")]
    public async Task A_plus_sign_fills_its_level(string filter)
    {
        await broker.ExpectClosedInSessionUponAsync(Packet.Subscribe(1, (filter, 0)));
        await broker.ExpectClosedInSessionUponAsync(Packet.Unsubscribe(1, filter));
    }
}
