using Orleans.Mqtt.Tests.Support;
using Xunit;

namespace Orleans.Mqtt.Tests.Broker.V5.Flow;

/// <summary>Sections 3.1.2.11.4 and 3.2.2.3.6: nothing is larger than the receiver takes.</summary>
public sealed class PacketSizeTests(SharedBroker broker)
{
    private const int Most = 100;

    private readonly string _topic = Unique.Topic();

    [Theory]
    [InlineData(0u, 0), InlineData(0u, 1), InlineData(0u, 2), InlineData(60u, 0), InlineData(60u, 1), InlineData(60u, 2)]
    [Spec("MQTT-3.1.2-24", "MQTT-3.1.2-25")]
    public async Task What_is_too_large_for_a_subscriber_is_left_out_and_all_else_goes_on(uint sessionExpiry, int qos)
    {
        // A window of one: a message that was left out and not counted as done would stop the rest.
        await using var alice = await broker.Connect5Async(new Props()
            .Int(Prop.MaximumPacketSize, Most).Short(Prop.ReceiveMaximum, 1).Int(Prop.SessionExpiry, sessionExpiry));
        await using var witness = await broker.Connect5Async();
        await alice.SubscribeAsync(_topic, qos);
        await witness.SubscribeAsync(_topic, qos);
        await using var bob = await broker.Connect5Async();

        for (var i = 0; i < 4; i++)
        {
            await bob.PublishAsync(_topic, new byte[Most], qos);
            await bob.PublishAsync(_topic, $"{i}", qos, properties: new Props().User("fits", "100"));
        }

        for (var i = 0; i < 4; i++)
        {
            await alice.ExpectTextAsync($"{i}");
            Assert.Equal(Most, (await witness.HearAsync()).Payload.Length);
            await witness.ExpectTextAsync($"{i}");
        }

        await alice.ExpectNothingAsync();
    }

    [Fact, Spec("MQTT-3.1.2-24")]
    public async Task A_packet_of_the_very_size_that_is_taken_comes()
    {
        await using var alice = await broker.Connect5Async(new Props().Int(Prop.MaximumPacketSize, Most));
        await alice.SubscribeAsync(_topic);
        await using var bob = await broker.Connect5Async();
        var room = Most - (2 + 2 + _topic.Length + 1);

        await bob.PublishAsync(_topic, new byte[room + 1]);
        await bob.PublishAsync(_topic, new byte[room]);

        Assert.Equal(room, (await alice.HearAsync()).Payload.Length);
    }

    [Theory, InlineData(1), InlineData(2), Spec("MQTT-3.1.2-25")]
    public async Task What_was_too_large_does_not_come_later_either(int qos)
    {
        var id = Unique.ClientId();
        var lasting = new Props().Int(Prop.SessionExpiry, 60);
        await using var bob = await broker.Connect5Async();
        await using (var alice = await broker.Connect5Async(new Props().Int(Prop.MaximumPacketSize, Most).Int(Prop.SessionExpiry, 60), id))
        {
            await alice.SubscribeAsync(_topic, qos);
            await bob.PublishAsync(_topic, new byte[Most], qos);
            await bob.PublishAsync(_topic, "small", qos);
            await alice.ExpectTextAsync("small");
            await alice.DisconnectAsync();
        }

        await using var again = await broker.Connect5Async(lasting, id, clean: false);
        await bob.PublishAsync(_topic, "fence", qos);
        await again.ExpectTextAsync("fence");
    }

    [Fact, Spec("MQTT-3.1.2-24")]
    public async Task An_answer_that_does_not_fit_ends_the_connection()
    {
        await using var alice = await broker.Connect5Async(new Props().Int(Prop.MaximumPacketSize, 20));
        var filters = Enumerable.Range(0, 20).Select(i => ($"{_topic}/{i}", 0)).ToArray();

        await alice.SendAsync(Packet.Subscribe(1, new Props(), filters));

        await alice.ExpectGoodbyeAsync(0x95);
    }

    [Fact, Spec("MQTT-4.13.1-1")]
    public async Task What_is_too_large_for_us_is_not_even_waited_for()
    {
        byte[] start = [0x30, .. new ByteBuilder().Length(1024 * 1024).ToArray()];
        await broker.ExpectGoodbyeUponAsync(0x95, start);
    }

    [Fact]
    public async Task A_packet_of_the_very_size_that_we_take_is_taken()
    {
        await using var alice = await broker.Connect5Async();
        await alice.SubscribeAsync(_topic);
        await using var bob = await broker.Connect5Async();
        var room = (1024 * 1024) - (4 + 2 + _topic.Length + 1);

        await bob.PublishAsync(_topic, new byte[room]);

        Assert.Equal(room, (await alice.HearAsync()).Payload.Length);
        await bob.ExpectNothingAsync();
    }
}
