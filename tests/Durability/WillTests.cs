using Orleans.Mqtt.Tests.Support;
using Xunit;

namespace Orleans.Mqtt.Tests.Durability;

/// <summary>Promise P6: the will of a client that was connected when the broker was killed is published by the next one, once.</summary>
public sealed class WillTests
{
    private const int Clients = 8;
    private const string Lease = "--Gateway:Lease=00:00:02";

    [Theory, InlineData(1), InlineData(2), Spec("MQTT-3.1.2-8")]
    public async Task The_wills_of_clients_that_a_kill_cut_off_are_published_once_after_the_restart(int kills)
    {
        await using var broker = await TestBroker.StartAsync(Lease);
        var topic = Unique.Topic();
        string witnessId;
        await using (var witness = await broker.ConnectAsync(Unique.ClientId(), clean: false))
        {
            await witness.SubscribeAsync(topic + "/#", 2);
            await witness.DisconnectAsync();
            witnessId = witness.ClientId;
        }

        var clients = new List<RawClient>();
        for (var client = 0; client < Clients; client++)
            clients.Add(await broker.ConnectAsync(clean: client % 2 == 0, will: new Will($"{topic}/{client}", "will", qos: 2)));
        for (var kill = 0; kill < kills; kill++)
        {
            await broker.KillAsync();
            await broker.RestartAsync();

            // The second comes about when the lease ends and the wills are being published.
            if (kill < kills - 1)
                await Task.Delay(Random.Shared.Next(800, 2_600), TestContext.Current.CancellationToken);
        }

        await ExpectEachOnceAsync(broker, witnessId, topic);
        foreach (var client in clients)
            await client.DisposeAsync();
    }

    [Fact, Spec("MQTT-3.1.2-10", "MQTT-3.14.4-3")]
    public async Task The_will_of_a_client_that_said_goodbye_is_not_published_after_a_kill()
    {
        await using var broker = await TestBroker.StartAsync(Lease);
        var topic = Unique.Topic();
        await using var witness = await broker.ConnectAsync(Unique.ClientId(), clean: false);
        await witness.SubscribeAsync(topic, 1);
        await using (var polite = await broker.ConnectAsync(clean: false, will: new Will(topic, "polite", qos: 1)))
            await polite.DisconnectAsync();
        await using var rude = await broker.ConnectAsync(will: new Will(topic, "rude", qos: 1));

        await broker.KillAsync();
        await broker.RestartAsync();

        await using var again = await broker.ConnectAsync(witness.ClientId, clean: false);
        await again.ExpectTextAsync("rude"); // the fence: had the other will been published, it would be among these
        await again.ExpectNothingAsync();
    }

    private static async Task ExpectEachOnceAsync(TestBroker broker, string witnessId, string topic)
    {
        await using var witness = await broker.ConnectAsync(witnessId, clean: false);
        Assert.True(witness.SessionPresent);
        var heard = new List<string>();
        for (var will = 0; will < Clients; will++)
            heard.Add((await witness.HearAsync()).Topic);
        Assert.Equal(Enumerable.Range(0, Clients).Select(client => $"{topic}/{client}"), heard.Order());

        await witness.PublishAsync(topic + "/fence", "fence", qos: 1);
        await witness.ExpectTextAsync("fence");
    }
}
