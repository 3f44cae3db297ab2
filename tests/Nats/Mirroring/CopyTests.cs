using System.Text;
using Orleans.Mqtt.Silo.Nats;
using Orleans.Mqtt.Tests.Nats.Support;
using Orleans.Mqtt.Tests.Support;

namespace Orleans.Mqtt.Tests.Nats.Mirroring;

/// <summary>Every message that the broker takes is on NATS, once.</summary>
public sealed class CopyTests(SharedNats nats)
{
    private readonly string _topic = Unique.Topic("copies");

    [Theory, InlineData(0), InlineData(1), InlineData(2)]
    public async Task A_message_is_on_NATS_once_however_many_clients_hear_it(int qos)
    {
        await using var peer = await nats.HearingAsync(_topic);
        await using var alice = await nats.Broker.ConnectAsync();
        await alice.SubscribeAsync($"{_topic}/#", 2);
        await using var keeps = await nats.Broker.ConnectAsync(clean: false);
        await keeps.SubscribeAsync($"{_topic}/#", 1);
        await using var bob = await nats.Broker.ConnectAsync();

        await bob.PublishAsync($"{_topic}/1", "hello", qos);
        await bob.PublishAsync($"{_topic}/2", "fence", qos);

        var copy = await peer.ExpectAsync(SubjectOf($"{_topic}/1"), "hello");
        Assert.Equal(bob.ClientId, copy.Headers![MessageHeaders.ClientId]);
        Assert.Equal($"{qos}", copy.Headers[MessageHeaders.QoSLevel]);
        Assert.Equal("orleans-mqtt", copy.Headers[MessageHeaders.Origin]);
        Assert.False(copy.Headers.ContainsKey(MessageHeaders.Retain));
        await peer.ExpectAsync(SubjectOf($"{_topic}/2"), "fence");
        await alice.ExpectTextAsync("hello");
        await keeps.ExpectTextAsync("hello");
    }

    [Theory, InlineData(0), InlineData(1)]
    public async Task A_delayed_message_is_on_NATS_once_and_when_it_is_due(int qos)
    {
        await using var peer = await NatsPeer.HearingAsync(nats.Server, "mqtt.>"); // "$delayed", too
        await using var client = await nats.Broker.ConnectAsync();

        await client.PublishAsync($"$delayed/6/{_topic}/1", $"later {_topic}", qos);
        await client.PublishAsync($"{_topic}/2", $"now {_topic}", qos);

        foreach (var (level, text) in new[] { (2, "now"), (1, "later") })
        {
            var copy = await peer.HearUntilContainsAsync(_topic);
            Assert.Equal((SubjectOf($"{_topic}/{level}"), $"{text} {_topic}"), (copy.Subject, NatsPeer.TextOf(copy)));
        }
    }

    [Fact]
    public async Task A_message_that_nobody_hears_is_there_too()
    {
        await using var peer = await nats.HearingAsync(_topic);
        await using var client = await nats.Broker.ConnectAsync();

        await client.PublishAsync($"{_topic}/1", "hello");

        await peer.ExpectAsync(SubjectOf($"{_topic}/1"), "hello");
    }

    [Fact]
    public async Task A_retained_message_says_so_when_it_is_published_and_is_not_copied_when_it_is_read()
    {
        await using var peer = await nats.HearingAsync(_topic);
        await using var bob = await nats.Broker.ConnectAsync();
        await bob.PublishAsync($"{_topic}/1", "kept", qos: 1, retain: true);
        await using var alice = await nats.Broker.ConnectAsync();
        await alice.SubscribeAsync($"{_topic}/#");
        await alice.ExpectTextAsync("kept");

        await bob.PublishAsync($"{_topic}/1", "", qos: 1, retain: true);

        var copy = await peer.ExpectAsync(SubjectOf($"{_topic}/1"), "kept");
        Assert.Equal("1", copy.Headers![MessageHeaders.Retain]);
        await peer.ExpectAsync(SubjectOf($"{_topic}/1"), "");
    }

    [Fact]
    public async Task A_will_is_there_with_the_name_of_its_client()
    {
        await using var peer = await nats.HearingAsync(_topic);
        var clientId = Unique.ClientId();
        await using var client = await nats.Broker.ConnectAsync(clientId, will: new Will($"{_topic}/will", "gone", 1, true));

        client.Abort();

        var copy = await peer.ExpectAsync(SubjectOf($"{_topic}/will"), "gone");
        Assert.Equal(clientId, copy.Headers![MessageHeaders.ClientId]);
        Assert.Equal("1", copy.Headers[MessageHeaders.QoSLevel]);
        Assert.Equal("1", copy.Headers[MessageHeaders.Retain]);
    }

    [Fact]
    public async Task Messages_of_one_client_come_in_order()
    {
        await using var peer = await nats.HearingAsync(_topic);
        await using var client = await nats.Broker.ConnectAsync();

        await client.SendAsync([.. Enumerable.Range(0, 5_000).Select(n => Packet.Publish($"{_topic}/1", $"{n}"))]);
        await client.PublishAsync($"{_topic}/1", "fence");

        var heard = await peer.HearUntilAsync("fence");
        Assert.Equal(Enumerable.Range(0, 5_000).Select(n => $"{n}"), heard.Select(NatsPeer.TextOf));
    }

    [Fact]
    public async Task Topics_that_cannot_be_subjects_and_messages_that_are_too_large_are_left_out()
    {
        await using var peer = await nats.HearingAsync(_topic);
        await using var alice = await nats.Broker.ConnectAsync();
        await alice.SubscribeAsync($"{_topic}/#", 1);
        await using var bob = await nats.Broker.ConnectAsync();
        var payload = Encoding.UTF8.GetBytes(new string('x', 262_144));

        await bob.PublishAsync($"{_topic}/a b", "no subject", 1);
        await bob.PublishAsync($"{_topic}/1", payload, 1);
        await bob.PublishAsync($"{_topic}/{new string('a', 60_000)}", "no subject either", 1);
        await bob.PublishAsync($"{_topic}/./1", "fence", 1);

        await peer.ExpectAsync($"{SubjectOf(_topic)}.//.1", "fence");
        await alice.ExpectTextAsync("no subject");
        Assert.Equal(payload, (await alice.HearAsync()).Payload);
        await alice.ExpectTextAsync("no subject either");
        await alice.ExpectTextAsync("fence");
    }

    [Fact]
    public async Task A_client_cannot_forge_headers_with_its_name()
    {
        await using var peer = await nats.HearingAsync(_topic);
        var clientId = $"{Unique.ClientId()}\r\nMqtt-Origin: elsewhere\r\n\r\n";
        await using var client = await nats.Broker.ConnectAsync(clientId);

        await client.PublishAsync($"{_topic}/1", "hello");

        var copy = await peer.ExpectAsync(SubjectOf($"{_topic}/1"), "hello");
        Assert.Equal(clientId, HeaderText.Decode(copy.Headers![MessageHeaders.ClientId]!));
        Assert.Equal("orleans-mqtt", copy.Headers[MessageHeaders.Origin]);
    }

    private static string SubjectOf(string topic) => SubjectMap.ToSubject("mqtt", Encoding.UTF8.GetBytes(topic))!;
}
