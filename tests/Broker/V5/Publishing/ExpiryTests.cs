using System.Diagnostics;
using Orleans.Mqtt.Tests.Support;
using Xunit;

namespace Orleans.Mqtt.Tests.Broker.V5.Publishing;

/// <summary>Section 3.3.2.3.3: a message that is too old is for nobody.</summary>
public sealed class ExpiryTests(SharedBroker broker)
{
    private static readonly Props Lasting = new Props().Int(Prop.SessionExpiry, 600);

    private readonly string _topic = Unique.Topic();

    [Theory, InlineData(0), InlineData(1), InlineData(2), Spec("MQTT-3.3.2-6")]
    public async Task A_message_that_goes_at_once_has_all_its_life_before_it(int qos)
    {
        await using var alice = await broker.Connect5Async();
        await using var old = await broker.ConnectAsync();
        await alice.SubscribeAsync(_topic, qos);
        await old.SubscribeAsync(_topic, qos);
        await using var bob = await broker.Connect5Async();

        var clock = Stopwatch.StartNew();
        await bob.PublishAsync(_topic, "hello", qos, properties: new Props().User("a", "1").Int(Prop.MessageExpiry, 1_000).User("b", "2"));

        var heard = await alice.HearAsync();
        Assert.InRange(heard.Properties.Find(Prop.MessageExpiry)!.Number, 998 - clock.Elapsed.TotalSeconds, 1_000);
        Assert.Equal([("a", "1"), ("b", "2")], heard.Properties.User());
        await old.ExpectTextAsync("hello");
    }

    [Fact, Spec("MQTT-3.3.2-6")]
    public async Task The_longest_life_stays_the_longest()
    {
        await using var alice = await broker.Connect5Async();
        await alice.SubscribeAsync(_topic);

        await alice.PublishAsync(_topic, "hello", properties: new Props().Int(Prop.MessageExpiry, uint.MaxValue));

        Assert.Equal(uint.MaxValue, (await alice.HearAsync()).Properties.Find(Prop.MessageExpiry)!.Number);
    }

    [Fact, Spec("MQTT-3.3.2-6", "MQTT-3.3.2-5")]
    public async Task What_waits_loses_its_life_and_what_has_none_left_is_dropped()
    {
        var (id, old) = (Unique.ClientId(), Unique.ClientId());
        await using (var alice = await broker.Connect5Async(Lasting, id))
        await using (var anna = await broker.ConnectAsync(old, clean: false))
        {
            await alice.SubscribeAsync($"{_topic}/#", 2);
            await anna.SubscribeAsync($"{_topic}/#", 2);
            await alice.DisconnectAsync();
            await anna.DisconnectAsync();
        }

        await using var bob = await broker.Connect5Async();
        await bob.PublishAsync($"{_topic}/short", "short", 1, retain: true, new Props().Int(Prop.MessageExpiry, 1));
        await bob.PublishAsync($"{_topic}/short", "short", 2, properties: new Props().Int(Prop.MessageExpiry, 1));
        await bob.PublishAsync($"{_topic}/long", "long", 1, retain: true, new Props().Int(Prop.MessageExpiry, 1_000));
        await broker.OutwaitAsync();

        await using var again = await broker.Connect5Async(Lasting, id, clean: false);
        await ExpectLongOnlyAsync(again, isRetained: false);
        await using var late = await broker.Connect5Async();
        await late.SubscribeAsync($"{_topic}/#", 1);
        await ExpectLongOnlyAsync(late, isRetained: true);
        await using var annaAgain = await broker.ConnectAsync(old, clean: false);
        await annaAgain.ExpectTextAsync("long");
        await annaAgain.ExpectNothingAsync();
    }

    [Fact, Spec("MQTT-3.3.2-5")]
    public async Task What_waits_behind_a_full_window_is_dropped_too()
    {
        await using var alice = await broker.Connect5Async(new Props().Short(Prop.ReceiveMaximum, 1));
        await alice.SubscribeAsync(_topic, 1);
        await using var bob = await broker.Connect5Async();
        await bob.PublishAsync(_topic, "first", 1);
        await bob.PublishAsync(_topic, "short", 1, properties: new Props().Int(Prop.MessageExpiry, 1));
        await bob.PublishAsync(_topic, "last", 1, properties: new Props().Int(Prop.MessageExpiry, 1_000));
        var first = await alice.HearUnansweredAsync();
        await broker.OutwaitAsync();

        await alice.AcknowledgeAsync(first);

        var last = await alice.HearAsync();
        Assert.Equal("last", last.Text);
        Assert.InRange(last.Properties.Find(Prop.MessageExpiry)!.Number, 800, 999);
    }

    [Fact, Spec("MQTT-4.3.3-7", "MQTT-4.3.3-13", "MQTT-4.4.0-1", "MQTT-3.3.1-1")]
    public async Task What_was_sent_once_is_sent_again_and_finished_whatever_its_age()
    {
        var id = Unique.ClientId();
        await using var bob = await broker.Connect5Async();
        await using (var alice = await broker.Connect5Async(Lasting, id))
        {
            await alice.SubscribeAsync(_topic, 2);
            for (var i = 1; i <= 2; i++)
                await bob.PublishAsync(_topic, $"{i}", 2, properties: new Props().Int(Prop.MessageExpiry, 8));
            var first = await alice.HearUnansweredAsync();
            await alice.HearUnansweredAsync();
            await alice.SendAsync(Packet.PubRec(first.PacketId));
            await alice.AnswerAsync(RawType.PubRel, first.PacketId);
            alice.Abort();
        }

        await broker.OutwaitAsync(keepAlive: 6); // longer than their life

        await using var again = await broker.Connect5Async(Lasting, id, clean: false);
        var owed = await again.ReceiveAsync();
        Assert.Equal(RawType.PubRel, owed.Type);
        await again.SendAsync(Packet.PubComp(owed.PacketId));
        var second = await again.HearAsync();
        Assert.Equal(("2", true), (second.Text, second.Dup));
        await again.ExpectNothingAsync();
    }

    [Fact, Spec("MQTT-3.3.2-6")]
    public async Task The_life_of_a_will_begins_with_its_publication()
    {
        await using var alice = await broker.Connect5Async();
        await alice.SubscribeAsync(_topic, 1);
        await using var bob = await broker.Connect5Async(
            will: new Will(_topic, "gone", qos: 1) { Properties = new Props().Int(Prop.MessageExpiry, 50) });
        await broker.OutwaitAsync();

        var clock = Stopwatch.StartNew();
        bob.Abort();

        var heard = await alice.HearAsync();
        Assert.Equal("gone", heard.Text);
        Assert.InRange(heard.Properties.Find(Prop.MessageExpiry)!.Number, 49 - clock.Elapsed.TotalSeconds, 50);
    }

    private static async Task ExpectLongOnlyAsync(RawClient client, bool isRetained)
    {
        var heard = await client.HearAsync();
        Assert.Equal(("long", isRetained), (heard.Text, heard.Retain));
        Assert.InRange(heard.Properties.Find(Prop.MessageExpiry)!.Number, 800, 998);
        await client.ExpectNothingAsync();
    }
}
