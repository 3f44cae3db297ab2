using Orleans.Mqtt.Tests.Support;
using Xunit;

namespace Orleans.Mqtt.Tests.Broker.V5.Subscribing;

/// <summary>Sections 3.10 and 3.11: UNSUBSCRIBE and its answer.</summary>
public sealed class UnsubscribeTests(SharedBroker broker)
{
    private const int NoSubscription = 0x11;

    private readonly string _topic = Unique.Topic();

    [Theory, InlineData(0u), InlineData(60u)]
    [Spec("MQTT-3.10.4-1", "MQTT-3.10.4-2", "MQTT-3.10.4-4", "MQTT-3.10.4-5", "MQTT-3.10.4-6", "MQTT-3.11.3-1",
        "MQTT-3.11.3-2", "MQTT-2.2.1-6")]
    public async Task One_answer_says_of_each_filter_in_order_whether_it_was_there(uint sessionExpiry)
    {
        await using var alice = await broker.Connect5Async(new Props().Int(Prop.SessionExpiry, sessionExpiry));
        await alice.SubscribeAsync(new Props(), ($"{_topic}/+", 1), ($"{_topic}/a", 0), ($"{_topic}/fence", 1));

        await alice.SendAsync(Packet.Unsubscribe(55, new Props().User("a", "1"),
            $"{_topic}/+", $"{_topic}/A", $"{_topic}/a", $"{_topic}/a", $"{_topic}/#"));

        var answer = await alice.AnswerAsync(RawType.UnsubAck, 55);
        Assert.Equal([0, NoSubscription, 0, NoSubscription, NoSubscription], answer.Reasons);
        await alice.PublishAsync($"{_topic}/a", "nobody", 1);
        await alice.PublishAsync($"{_topic}/fence", "fence", 1);
        await alice.ExpectTextAsync("fence");
        await alice.ExpectNothingAsync();
    }

    [Fact, Spec("MQTT-3.10.4-3")]
    public async Task What_is_under_way_is_finished()
    {
        await using var alice = await broker.Connect5Async();
        await alice.SubscribeAsync(_topic, 2);
        await alice.PublishAsync(_topic, "under way", 2);
        var heard = await alice.HearUnansweredAsync();

        await alice.UnsubscribeAsync(_topic);

        await alice.AcknowledgeAsync(heard);
        await alice.ExpectNothingAsync();
    }

    [Fact, Spec("MQTT-3.10.1-1", "MQTT-2.1.3-1")]
    public async Task UNSUBSCRIBE_has_flags_of_its_own()
    {
        foreach (var header in new[] { 0xA0, 0xA1, 0xA3, 0xAA })
            await broker.ExpectGoodbyeUponAsync(0x81, Packet.Of(header, 0, 1, 0, 0, 1, (byte)'t'));
    }

    [Fact, Spec("MQTT-3.10.3-1")]
    public Task A_filter_must_be_UTF8() => broker.ExpectGoodbyeUponAsync(0x81, Packet.Of(0xA2, 0, 1, 0, 0, 1, 0xFF));

    [Fact, Spec("MQTT-3.10.3-2")]
    public Task UNSUBSCRIBE_names_at_least_one_filter() =>
        broker.ExpectGoodbyeUponAsync(0x82, Packet.Unsubscribe(1, new Props()));
}
