using Orleans.Mqtt.Tests.Support;
using Xunit;

namespace Orleans.Mqtt.Tests.Broker.Connecting;

/// <summary>MQTT 3.1, the one that calls itself MQIsdp: everything that 3.1.1 did not change.</summary>
public sealed class Version31Tests(SharedBroker broker)
{
    [Theory, InlineData(0), InlineData(1), InlineData(2)]
    public async Task A_client_of_version_3_1_publishes_and_subscribes(int qos)
    {
        var topic = Unique.Topic();
        await using var old = await broker.ConnectAsync(ConnectOptions.Version31);
        await using var young = await broker.ConnectAsync();
        await old.SubscribeAsync(topic + "/+", qos);
        await young.SubscribeAsync(topic + "/#", qos);

        await old.PublishAsync(topic + "/old", "from the old", qos);
        await young.PublishAsync(topic + "/young", "from the young", qos);

        foreach (var client in new[] { old, young })
        {
            var heard = new[] { await client.HearAsync(), await client.HearAsync() };
            Assert.Equal(["from the old", "from the young"], heard.Select(each => each.Text).Order());
            Assert.All(heard, each => Assert.Equal(qos, each.QoS));
        }
    }

    [Fact]
    public async Task Version_3_1_has_no_session_present_bit()
    {
        var options = ConnectOptions.Version31 with { CleanSession = false };
        await using (var first = await broker.ConnectAsync(options))
            await first.DisconnectAsync();

        await using var second = await broker.ConnectAsync(options);

        Assert.False(second.SessionPresent);
    }

    [Fact]
    public async Task A_session_of_version_3_1_keeps_what_comes_while_it_is_away()
    {
        var (options, topic) = (ConnectOptions.Version31 with { CleanSession = false }, Unique.Topic());
        await using var bob = await broker.ConnectAsync();
        await using (var first = await broker.ConnectAsync(options))
        {
            await first.SubscribeAsync(topic, 2);
            await first.DisconnectAsync();
        }

        await bob.PublishAsync(topic, "kept", qos: 2);

        await using var second = await broker.ConnectAsync(options);
        await second.ExpectTextAsync("kept", topic);
    }

    [Fact]
    public async Task A_will_of_version_3_1_is_published()
    {
        var topic = Unique.Topic();
        await using var witness = await broker.ConnectAsync();
        await witness.SubscribeAsync(topic, 1);
        await using var client = await broker.ConnectAsync(
            ConnectOptions.Version31 with { Will = new Will(topic, "gone", qos: 1) });

        client.Abort();

        await witness.ExpectTextAsync("gone");
    }

    /// <summary>There an id has 1 to 23 characters; 0x02 is the answer to others.</summary>
    [Fact]
    public async Task Version_3_1_wants_a_client_id_also_for_a_clean_session()
    {
        await using var client = await broker.OpenAsync();

        await client.ExpectRefusalAsync(ConnectOptions.Version31 with { ClientId = "" }, returnCode: 0x02);
    }

    /// <summary>
    /// The level is not supported under that name, so the rule of 3.1.1 for unknown levels is the nearest.
    /// </summary>
    [Theory, InlineData("MQIsdp", 4), InlineData("MQTT", 3), Spec("MQTT-3.1.2-2")]
    public async Task The_name_of_one_version_does_not_go_with_the_level_of_another(string name, int level)
    {
        await using var client = await broker.OpenAsync();

        await client.ExpectRefusalAsync(new ConnectOptions { ProtocolName = name, Level = level }, returnCode: 0x01);
    }
}
