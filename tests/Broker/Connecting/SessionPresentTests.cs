using Orleans.Mqtt.Tests.Support;
using Xunit;

namespace Orleans.Mqtt.Tests.Broker.Connecting;

/// <summary>Section 3.2.2.2: both sides agree whether there is a session already.</summary>
public sealed class SessionPresentTests(SharedBroker broker)
{
    [Fact, Spec("MQTT-3.2.2-3", "MQTT-3.1.2-4")]
    public async Task The_first_time_there_is_no_session()
    {
        await using var client = await broker.ConnectAsync(clean: false);

        Assert.False(client.SessionPresent);
    }

    [Fact, Spec("MQTT-3.2.2-2", "MQTT-3.1.2-4", "MQTT-4.1.0-1")]
    public async Task The_second_time_there_is_one_even_if_nothing_was_subscribed()
    {
        var id = Unique.ClientId();
        await using (var first = await broker.ConnectAsync(id, clean: false))
            await first.DisconnectAsync();

        await using var second = await broker.ConnectAsync(id, clean: false);

        Assert.True(second.SessionPresent);
    }

    [Fact, Spec("MQTT-3.2.2-1", "MQTT-3.1.2-6", "MQTT-3.1.4-3")]
    public async Task A_clean_session_is_never_present()
    {
        var id = Unique.ClientId();
        await using (var first = await broker.ConnectAsync(id, clean: false))
            await first.DisconnectAsync();

        await using var second = await broker.ConnectAsync(id, clean: true);

        Assert.False(second.SessionPresent);
    }

    [Fact, Spec("MQTT-3.1.2-6", "MQTT-3.2.2-3")]
    public async Task A_clean_session_leaves_nothing_for_the_next()
    {
        var id = Unique.ClientId();
        await using (var lasting = await broker.ConnectAsync(id, clean: false))
            await lasting.DisconnectAsync();
        await using (var clean = await broker.ConnectAsync(id, clean: true))
            await clean.DisconnectAsync();

        await using var next = await broker.ConnectAsync(id, clean: false);

        Assert.False(next.SessionPresent);
    }

    [Fact, Spec("MQTT-3.1.2-6", "MQTT-3.2.2-3")]
    public async Task A_clean_session_whose_network_failed_leaves_nothing_either()
    {
        var (id, topic) = (Unique.ClientId(), Unique.Topic());
        await using (var clean = await broker.ConnectAsync(id, clean: true))
        {
            await clean.SubscribeAsync(topic, 1);
            clean.Abort();
        }

        await using var next = await broker.ConnectAsync(id, clean: false);
        await next.PublishAsync(topic, "not subscribed", qos: 1);

        Assert.False(next.SessionPresent);
        await next.ExpectNothingAsync();
    }
}
