using System.Text.Json;
using Orleans.Mqtt.Tests.Nats.Support;
using Orleans.Mqtt.Tests.Support;

namespace Orleans.Mqtt.Tests.Nats.Mirroring;

/// <summary>What becomes of clients is told.</summary>
public sealed class EventTests(SharedNats nats)
{
    private const string Password = "nobody-must-read-this";

    [Theory, InlineData(true), InlineData(false)]
    public async Task A_client_is_told_of_from_its_connect_to_its_disconnect(bool clean)
    {
        await using var peer = await NatsPeer.HearingAsync(nats.Server, "mqtt-events.>");
        var options = new ConnectOptions { CleanSession = clean, UserName = "alice", Password = "secret"u8.ToArray() };
        await using var client = await nats.Broker.ConnectAsync(options);
        await client.AskAsync(("a/#", 1), ("b \"é\"", 2));
        await client.UnsubscribeAsync("a/#", "never/subscribed");
        await client.DisconnectAsync();

        var connected = await EventAsync(peer, "connected", client.ClientId);
        Assert.Equal("alice", connected.GetProperty("userName").GetString());
        Assert.Equal("3.1.1", connected.GetProperty("version").GetString());
        Assert.Equal(clean, connected.GetProperty("cleanStart").GetBoolean());
        Assert.False(connected.GetProperty("sessionPresent").GetBoolean());
        Assert.StartsWith("127.0.0.1:", connected.GetProperty("address").GetString(), StringComparison.Ordinal);
        var subscribed = await EventAsync(peer, "subscribed", client.ClientId);
        Assert.Equal(
            [("a/#", 1), ("b \"é\"", 2)],
            subscribed.GetProperty("subscriptions").EnumerateArray()
                .Select(one => (one.GetProperty("filter").GetString()!, one.GetProperty("qos").GetInt32())));
        var unsubscribed = await EventAsync(peer, "unsubscribed", client.ClientId);
        Assert.Equal(["a/#"], unsubscribed.GetProperty("filters").EnumerateArray().Select(filter => filter.GetString()!));
        var disconnected = await EventAsync(peer, "disconnected", client.ClientId);
        Assert.Equal("Disconnected", disconnected.GetProperty("reason").GetString());
        Assert.Equal(connected.GetProperty("epoch").GetInt64(), disconnected.GetProperty("epoch").GetInt64());
    }

    [Fact]
    public async Task A_client_that_is_lost_or_taken_over_says_why_it_has_gone()
    {
        await using var peer = await NatsPeer.HearingAsync(nats.Server, "mqtt-events.disconnected");
        var clientId = Unique.ClientId();
        await using var first = await nats.Broker.ConnectAsync(clientId);
        await using var second = await nats.Broker.ConnectAsync(clientId);

        second.Abort();

        Assert.Equal("SessionTakenOver", (await EventAsync(peer, "disconnected", clientId)).GetProperty("reason").GetString());
        Assert.Equal("Lost", (await EventAsync(peer, "disconnected", clientId)).GetProperty("reason").GetString());
    }

    [Fact]
    public async Task A_password_is_never_told()
    {
        await using var peer = await NatsPeer.HearingAsync(nats.Server, ">");
        var clientId = Unique.ClientId();
        var topic = Unique.Topic();
        var options = new ConnectOptions
        {
            ClientId = clientId, UserName = "alice", Password = System.Text.Encoding.UTF8.GetBytes(Password),
            Will = new Will($"{topic}/will", "gone"), CleanSession = false,
        };
        await using (var client = await nats.Broker.ConnectAsync(options))
        {
            await client.SubscribeAsync(topic);
            await client.PublishAsync(topic, "hello", 1);
        }

        await using var other = await nats.Broker.ConnectAsync();
        await other.PublishAsync(topic, "fence");

        foreach (var heard in await peer.HearUntilAsync("fence"))
        {
            Assert.DoesNotContain(Password, heard.Subject, StringComparison.Ordinal);
            Assert.DoesNotContain(Password, NatsPeer.TextOf(heard), StringComparison.Ordinal);
            Assert.DoesNotContain(heard.Headers ?? [], header => header.Value.ToString().Contains(Password, StringComparison.Ordinal));
        }
    }

    /// <summary>The next of its client; other tests have clients, too.</summary>
    private static async Task<JsonElement> EventAsync(NatsPeer peer, string name, string clientId)
    {
        while (true)
        {
            var heard = await peer.HearAsync();
            using var json = JsonDocument.Parse(heard.Data);
            if (json.RootElement.GetProperty("clientId").GetString() != clientId)
                continue;

            Assert.Equal($"mqtt-events.{name}", heard.Subject);
            Assert.Equal(name, json.RootElement.GetProperty("event").GetString());
            return json.RootElement.Clone();
        }
    }
}
