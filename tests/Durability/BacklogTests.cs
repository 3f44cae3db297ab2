using Orleans.Mqtt.Tests.Support;
using Orleans.Mqtt.Tests.Support.Load;
using Xunit;

namespace Orleans.Mqtt.Tests.Durability;

/// <summary>A long queue of a subscriber that is away, most of it not in anybody's memory.</summary>
public sealed class BacklogTests
{
    private const int Publishers = 4;
    private const int Each = 12_500;

    [Fact, Spec("MQTT-3.1.2-5", "MQTT-4.6.0-6")]
    public async Task Fifty_thousand_queued_messages_outlive_a_kill_complete_and_in_order()
    {
        await using var broker = await TestBroker.StartAsync();
        var options = new LoadOptions { Limit = Each, Rate = 1_000_000, Window = 500, Loyalty = int.MaxValue };
        await using var fleet = LoadFleet.Backlog(new Entrance(broker.Port), options, Publishers);
        await fleet.StartAsync();
        await Eventually.ThatAsync(() => fleet.Chronicle.AcknowledgedCount >= Publishers * Each);
        await fleet.FinishPublishingAsync(TimeSpan.FromMinutes(3));
        Assert.Equal(0, fleet.Chronicle.ReceivedCount);
        await broker.KillAsync();
        await broker.RestartAsync();

        // Once more while it drains: the part that is read may come again, and only with QoS 1.
        fleet.ComeBack();
        await Eventually.ThatAsync(() => fleet.Chronicle.ReceivedCount >= Publishers * Each / 3);
        await broker.KillAsync();
        await broker.RestartAsync();
        var findings = await fleet.DrainAsync(TimeSpan.FromMinutes(4));

        TestContext.Current.TestOutputHelper!.WriteLine(findings.ToString());
        Assert.True(findings.IsClean, findings.ToString());
        Assert.True(findings.Received >= Publishers * Each);
    }
}
