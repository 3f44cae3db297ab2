using Orleans.Mqtt.Tests.Support;
using Xunit;

namespace Orleans.Mqtt.Tests.Broker.V5.Sessions;

/// <summary>Section 3.1.3.2.2: a will that waits whether its client comes back.</summary>
public sealed class WillDelayTests(SharedBroker broker)
{
    private static readonly TimeSpan _allowed = TimeSpan.FromSeconds(5);

    private readonly string _id = Unique.ClientId();
    private readonly string _topic = Unique.Topic();

    [Theory, InlineData(5u, 600u), InlineData(600u, 5u), Spec("MQTT-3.1.2-8", "MQTT-3.1.2-10")]
    public async Task A_will_is_published_when_its_delay_is_over_or_its_session_whichever_is_first(uint delay, uint expiry)
    {
        await using var witness = await WitnessAsync();
        await using var client = await ConnectAsync(delay, expiry);
        using var clock = PromiseClock.StartNew();
        client.Abort();
        await SayFenceAsync();
        await witness.ExpectTextAsync("fence");

        await witness.ExpectTextAsync("will");

        clock.ExpectBetween(TimeSpan.FromSeconds(4.9), TimeSpan.FromSeconds(5) + _allowed);
        await witness.ExpectNothingAsync();
    }

    [Fact, Spec("MQTT-3.1.2-8")]
    public async Task Where_the_session_ends_with_the_connection_there_is_no_delay()
    {
        await using var witness = await WitnessAsync();
        await using var client = await ConnectAsync(delay: 600, expiry: 0);

        client.Abort();

        await witness.ExpectTextAsync("will");
    }

    [Theory, InlineData(0x04, 0u, true), InlineData(0x04, 1u, true), InlineData(0x00, 1u, false), InlineData(0x00, 0u, false)]
    [Spec("MQTT-3.1.2-8", "MQTT-3.14.4-3")]
    public async Task DISCONNECT_can_end_the_wait_with_the_session_and_can_take_the_will_away(int reason, uint expiry, bool isHeard)
    {
        await using var witness = await WitnessAsync();
        await using var client = await ConnectAsync(delay: 600, expiry: 600);

        await client.SendAsync(Packet.Goodbye(reason, new Props().Int(Prop.SessionExpiry, expiry)));
        await client.ExpectClosedAsync();

        if (isHeard)
            await witness.ExpectTextAsync("will");
        else
            await broker.OutwaitAsync();
        await SayFenceAsync();
        await witness.ExpectTextAsync("fence");
    }

    [Theory, InlineData(false), InlineData(true), Spec("MQTT-3.1.3-9")]
    public async Task A_client_that_goes_on_with_its_session_in_time_is_not_mourned(bool takesOver)
    {
        await using var witness = await WitnessAsync();
        await using var client = await ConnectAsync(delay: 8, expiry: 600);
        if (!takesOver)
            client.Abort();

        await using var again = await broker.Connect5Async(new Props().Int(Prop.SessionExpiry, 600), _id, clean: false);
        Assert.True(again.SessionPresent);
        again.Abort();
        await broker.OutwaitAsync(keepAlive: 6);

        await SayFenceAsync();
        await witness.ExpectTextAsync("fence");
    }

    [Theory, InlineData(false), InlineData(true), Spec("MQTT-3.1.2-8", "MQTT-3.1.2-4")]
    public async Task A_clean_start_ends_the_session_and_with_it_the_wait(bool takesOver)
    {
        await using var witness = await WitnessAsync();
        await using var client = await ConnectAsync(delay: 600, expiry: 600);
        if (!takesOver)
            client.Abort();

        await using var again = await broker.Connect5Async(new Props().Int(Prop.SessionExpiry, 600), _id, clean: true);

        await witness.ExpectTextAsync("will");
    }

    [Fact, Spec("MQTT-3.1.2-8")]
    public async Task Without_a_delay_a_takeover_publishes_the_will()
    {
        await using var witness = await WitnessAsync();
        await using var client = await ConnectAsync(delay: 0, expiry: 600);

        await using var again = await broker.Connect5Async(new Props().Int(Prop.SessionExpiry, 600), _id, clean: false);

        await witness.ExpectTextAsync("will");
    }

    [Fact, Spec("MQTT-3.1.2-8", "MQTT-3.1.3-9")]
    public async Task The_will_that_counts_is_the_one_of_the_last_connection()
    {
        await using var witness = await WitnessAsync();
        await using (var first = await ConnectAsync(delay: 6, expiry: 600))
            first.Abort();
        var second = new Will(_topic, "second", qos: 2) { Properties = new Props().Int(Prop.WillDelay, 6) };
        await using (var client = await broker.Connect5Async(
            new Props().Int(Prop.SessionExpiry, 600), _id, clean: false, second))
            client.Abort();

        await witness.ExpectTextAsync("second");
        await SayFenceAsync();
        await witness.ExpectTextAsync("fence");
    }

    [Fact, Spec("MQTT-3.3.2-6")]
    public async Task The_life_of_a_message_that_waits_begins_when_it_is_published()
    {
        await using var witness = await WitnessAsync();
        await using var client = await ConnectAsync(delay: 2, expiry: 600, new Props().Int(Prop.MessageExpiry, 50));

        using var clock = PromiseClock.StartNew();
        client.Abort();

        var heard = await witness.HearAsync();
        var late = clock.Elapsed.TotalSeconds - 2;
        Assert.InRange(heard.Properties.Find(Prop.MessageExpiry)!.Number, 49 - late, 50); // not what the will waited, which is 2
    }

    private async Task<RawClient> WitnessAsync()
    {
        var witness = await broker.Connect5Async();
        await witness.SubscribeAsync(_topic, 2);
        return witness;
    }

    private Task<RawClient> ConnectAsync(uint delay, uint expiry, Props? properties = null) => broker.Connect5Async(
        new Props().Int(Prop.SessionExpiry, expiry), _id,
        will: new Will(_topic, "will", qos: 2) { Properties = (properties ?? new Props()).Int(Prop.WillDelay, delay) });

    private async Task SayFenceAsync()
    {
        await using var bob = await broker.Connect5Async();
        await bob.PublishAsync(_topic, "fence", 2);
    }
}
