using System.Globalization;
using Orleans.Mqtt.Tests.Support;
using Xunit;

namespace Orleans.Mqtt.Tests.Durability;

/// <summary>A retained message that was acknowledged is there after any kill, or a later one in its place.</summary>
public sealed class RetainedTests
{
    private const int Topics = 40;
    private const int Kills = 3;

    private readonly int[] _sent = new int[Topics];
    private readonly int[] _acknowledged = new int[Topics];

    [Fact, Spec("MQTT-3.3.1-5", "MQTT-4.1.0-1")]
    public async Task Retained_messages_are_never_older_than_the_last_acknowledged_one()
    {
        await using var broker = await TestBroker.StartAsync();
        for (var kill = 0; kill < Kills; kill++)
        {
            var publishing = Task.Run(() => PublishUntilCutOffAsync(broker), TestContext.Current.CancellationToken);
            var before = Volatile.Read(ref _acknowledged[Topics - 1]);
            await Eventually.ThatAsync(() => publishing.IsCompleted || Volatile.Read(ref _acknowledged[Topics - 1]) > before);
            await Task.Delay(Random.Shared.Next(700), TestContext.Current.CancellationToken);
            await broker.KillAsync();
            await publishing;
            await broker.RestartAsync();
            await ExpectLatestAsync(broker);
        }

        Assert.All(_acknowledged, value => Assert.True(value > 0, "too little was published to tell anything"));
    }

    private async Task PublishUntilCutOffAsync(TestBroker broker)
    {
        await using var publisher = await broker.ConnectAsync();
        while (true)
        {
            // All topics at once, so that the kill finds many on their way.
            var first = publisher.NextPacketId();
            for (var topic = 0; topic < Topics; topic++)
                await publisher.SendAsync(Packet.Publish(NameOf(topic), $"{++_sent[topic]}", 1, IdOf(first, topic), retain: true));
            for (var topic = 0; topic < Topics; topic++)
            {
                if (await publisher.TryReceiveAsync() is not { Type: RawType.PubAck } answer)
                    return;
                Assert.Equal(IdOf(first, topic), answer.PacketId);
                Volatile.Write(ref _acknowledged[topic], _sent[topic]);
            }
        }
    }

    private async Task ExpectLatestAsync(TestBroker broker)
    {
        await using var subscriber = await broker.ConnectAsync();
        await subscriber.SubscribeAsync("kept/#", 1);
        var found = new Dictionary<string, int>();
        for (var topic = 0; topic < Topics; topic++)
        {
            var heard = await subscriber.HearAsync();
            Assert.True(heard.Retain);
            found.Add(heard.Topic, int.Parse(heard.Text, CultureInfo.InvariantCulture));
        }

        for (var topic = 0; topic < Topics; topic++)
            Assert.InRange(found[NameOf(topic)], _acknowledged[topic], _sent[topic]);
    }

    private static string NameOf(int topic) => $"kept/{topic}";

    private static int IdOf(int first, int topic) => (first * Topics % 60_000) + topic + 1;
}
