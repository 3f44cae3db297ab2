using Orleans.Mqtt.Tests.Support;
using Xunit;

namespace Orleans.Mqtt.Tests.Broker.V5.Sessions;

/// <summary>Messages that have expired make room in a full queue.</summary>
public sealed class ExpiredQueueTests
{
    private static readonly Props _lasting = new Props().Int(Prop.SessionExpiry, 600);

    private readonly string _topic = Unique.Topic();

    [Theory, InlineData(10, 512), InlineData(100, 16), Spec("MQTT-3.3.2-5")]
    public async Task A_queue_full_of_what_has_expired_takes_what_is_new(int limit, int inMemory)
    {
        await using var broker = await TestBroker.StartAsync(
            $"--Sessions:MaximumQueuedMessages={limit}", $"--Sessions:MessagesInMemory={inMemory}",
            "--Sessions:MaximumInFlight=10", "--Gateway:MaximumInFlight=10");
        var id = Unique.ClientId();
        await using (var alice = await broker.Connect5Async(_lasting, id))
        {
            await alice.SubscribeAsync(_topic, 1);
            await alice.DisconnectAsync();
        }

        await using var bob = await broker.Connect5Async();
        for (var i = 0; i < limit; i++)
            await bob.PublishAsync(_topic, $"old {i}", 1, properties: new Props().Int(Prop.MessageExpiry, 15));
        Assert.Equal(0x97, await PublishAsync(bob, "too much"));
        await OutwaitAsync(broker);

        for (var i = 0; i < limit; i++)
            Assert.Equal(0, await PublishAsync(bob, $"new {i}"));
        Assert.Equal(0x97, await PublishAsync(bob, "too much"));

        await using var again = await broker.Connect5Async(_lasting, id, clean: false);
        for (var i = 0; i < limit; i++)
            await again.ExpectTextAsync($"new {i}");
        await again.ExpectNothingAsync();
    }

    private async Task<int> PublishAsync(RawClient client, string text)
    {
        var packetId = client.NextPacketId();
        await client.SendAsync(Packet.Publish(_topic, text, 1, packetId, properties: new Props()));
        return (await client.AnswerAsync(RawType.PubAck, packetId)).Reason;
    }

    // As the shared broker does it: a client that is silent for one and a half times its keep alive is hung up on.
    private static async Task OutwaitAsync(TestBroker broker)
    {
        await using var silent = await broker.ConnectAsync(new ConnectOptions { KeepAlive = 11 });
        await silent.ExpectClosedAsync();
    }
}
