using Orleans.Mqtt.Tests.Support;
using Xunit;

namespace Orleans.Mqtt.Tests.Broker.Sessions;

/// <summary>Section 4.1: a session does not care which process remembers it.</summary>
public sealed class RestartTests
{
    [Fact, Spec("MQTT-4.1.0-1", "MQTT-3.1.2-5", "MQTT-3.3.1-5")]
    public async Task A_restart_keeps_sessions_queues_and_retained_messages()
    {
        await using var broker = await TestBroker.StartAsync();
        var scene = await Scene.BeginAsync(broker);

        var ended = await broker.TerminateAsync();
        Assert.Equal(0, ended.ExitCode);
        await broker.RestartAsync();

        await scene.ExpectAllAsync(broker);
    }

    [Fact, Spec("MQTT-4.1.0-1", "MQTT-3.1.2-5", "MQTT-3.3.1-5")]
    public async Task A_crash_keeps_what_was_acknowledged()
    {
        TestBroker.MosquittoDiffers("2.0.11 writes its memory to disk when it ends, and each half hour");
        await using var broker = await TestBroker.StartAsync();
        var scene = await Scene.BeginAsync(broker);

        await broker.KillAsync();
        await broker.RestartAsync();

        await scene.ExpectAllAsync(broker);
    }

    /// <summary>
    /// One client with a message unanswered, a PUBREL unanswered, and messages that wait; a retained message.
    /// </summary>
    private sealed record Scene(string Id, string WitnessId, string Topic, int Unanswered, int Released, int Received)
    {
        public static async Task<Scene> BeginAsync(TestBroker broker)
        {
            var (id, witnessId, topic) = (Unique.ClientId(), Unique.ClientId("w"), Unique.Topic());
            await using (var witness = await broker.ConnectAsync(witnessId, clean: false))
            {
                await witness.SubscribeAsync(topic + "x", 2);
                await witness.DisconnectAsync();
            }

            await using var bob = await broker.ConnectAsync();
            await using var alice = await broker.ConnectAsync(id, clean: false);
            await alice.SubscribeAsync(topic + "/#", 2);
            await bob.PublishAsync(topic + "/a", "unanswered", qos: 1);
            var unanswered = await alice.HearUnansweredAsync();
            await bob.PublishAsync(topic + "/a", "released", qos: 2);
            var released = await alice.HearUnansweredAsync();
            await alice.SendAsync(Packet.PubRec(released.PacketId));
            await alice.ExpectAsync(Packet.PubRel(released.PacketId));
            await alice.SendAsync(Packet.Publish(topic + "x", "once", qos: 2, packetId: 77));
            await alice.ExpectAsync(Packet.PubRec(77));
            await alice.DisconnectAsync();

            await bob.PublishAsync(topic + "/b", "waits 1", qos: 1);
            await bob.PublishAsync(topic + "/b", "waits 2", qos: 2);
            await bob.PublishAsync(topic + "/kept", "retained", qos: 1, retain: true);
            return new Scene(
                id, witnessId, topic, unanswered.PacketId, released.PacketId, Received: 77);
        }

        public async Task ExpectAllAsync(TestBroker broker)
        {
            await using (var late = await broker.ConnectAsync())
            {
                await late.SubscribeAsync(Topic + "/kept", 1);
                var kept = await late.HearAsync();
                Assert.Equal(("retained", true), (kept.Text, kept.Retain));
            }

            await using var alice = await broker.ConnectAsync(Id, clean: false);
            Assert.True(alice.SessionPresent);
            await alice.AnswerAsync(RawType.PubRel, Released);
            await alice.SendAsync(Packet.PubComp(Released));
            var again = await alice.HearAsync();
            Assert.Equal(("unanswered", Unanswered, true), (again.Text, again.PacketId, again.Dup));
            await alice.ExpectTextAsync("waits 1");
            await alice.ExpectTextAsync("waits 2");
            await alice.ExpectTextAsync("retained");

            // The broker knew this message already: PUBREC again, and one delivery in all.
            await alice.SendAsync(Packet.Publish(Topic + "x", "once", qos: 2, Received, dup: true));
            await alice.AnswerAsync(RawType.PubRec, Received);
            await alice.SendAsync(Packet.PubRel(Received));
            await alice.AnswerAsync(RawType.PubComp, Received);
            await alice.PublishAsync(Topic + "x", "fence", qos: 2);
            await using var witness = await broker.ConnectAsync(WitnessId, clean: false);
            await witness.ExpectTextAsync("once");
            await witness.ExpectTextAsync("fence");
        }
    }
}
