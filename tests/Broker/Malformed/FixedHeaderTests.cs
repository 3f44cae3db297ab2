using Orleans.Mqtt.Tests.Support;
using Xunit;

namespace Orleans.Mqtt.Tests.Broker.Malformed;

/// <summary>Chapter 2: the first byte and the length behind it.</summary>
public sealed class FixedHeaderTests(SharedBroker broker)
{
    [Theory, InlineData(0x40), InlineData(0x50), InlineData(0x70), InlineData(0xC0)]
    [Spec("MQTT-2.2.2-1", "MQTT-2.2.2-2")]
    public async Task Flags_that_are_reserved_close_the_connection(int kind)
    {
        TestBroker.MosquittoDiffers("2.0.11 looks at these flags for MQTT 5 only");
        byte[] body = kind == 0xC0 ? [] : [0, 1];
        foreach (var header in AllBut(kind, right: 0))
            await broker.ExpectClosedInSessionUponAsync(Packet.Of(header, body));
    }

    [Fact, Spec("MQTT-2.2.2-2", "MQTT-3.6.1-1")]
    public async Task PUBREL_has_flags_of_its_own()
    {
        foreach (var header in AllBut(0x60, right: 2))
            await broker.ExpectClosedInSessionUponAsync(Packet.Of(header, 0, 1));
    }

    [Fact, Spec("MQTT-2.2.2-2", "MQTT-3.8.1-1")]
    public async Task SUBSCRIBE_has_flags_of_its_own()
    {
        foreach (var header in AllBut(0x80, right: 2))
            await broker.ExpectClosedInSessionUponAsync(Packet.Of(header, 0, 1, 0, 1, (byte)'a', 0));
    }

    [Fact, Spec("MQTT-2.2.2-2", "MQTT-3.10.1-1")]
    public async Task UNSUBSCRIBE_has_flags_of_its_own()
    {
        foreach (var header in AllBut(0xA0, right: 2))
            await broker.ExpectClosedInSessionUponAsync(Packet.Of(header, 0, 1, 0, 1, (byte)'a'));
    }

    /// <summary>Closed it is either way; what tells a wrong DISCONNECT from a right one is the will.</summary>
    [Fact, Spec("MQTT-2.2.2-2", "MQTT-3.14.1-1", "MQTT-3.1.2-8")]
    public async Task DISCONNECT_with_flags_is_a_violation_and_not_a_farewell()
    {
        var topic = Unique.Topic();
        await using var witness = await broker.ConnectAsync();
        await witness.SubscribeAsync(topic);

        foreach (var header in AllBut(0xE0, right: 0))
        {
            await using var client = await broker.ConnectAsync(will: new Will(topic, $"will of {header}"));
            await client.SendAsync(Packet.Of(header));
            await client.ExpectClosedAsync();
            await witness.ExpectTextAsync($"will of {header}");
        }
    }

    [Theory, InlineData(0x00), InlineData(0x0F), InlineData(0xF0), InlineData(0xFF), Spec("MQTT-4.8.0-1")]
    public async Task Kinds_0_and_15_do_not_exist(int header)
    {
        await broker.ExpectClosedInSessionUponAsync(Packet.Of(header));
        await broker.ExpectClosedUponAsync(Packet.Of(header));
    }

    public static TheoryData<string, byte[]> WhatOnlyServersSay => new()
    {
        { "CONNACK", [0x20, 2, 0, 0] },
        { "SUBACK", [0x90, 3, 0, 1, 0] },
        { "UNSUBACK", [0xB0, 2, 0, 1] },
        { "PINGRESP", [0xD0, 0] },
    };

    [Theory, MemberData(nameof(WhatOnlyServersSay)), Spec("MQTT-4.8.0-1")]
    public async Task A_client_must_not_say_what_only_servers_say(string name, byte[] packet)
    {
        if (name != "CONNACK")
            TestBroker.MosquittoDiffers("2.0.11 takes these from anybody, because its bridges are clients");
        await broker.ExpectClosedInSessionUponAsync(packet);
        await broker.ExpectClosedUponAsync(packet);
    }

    [Theory, InlineData(0x10), InlineData(0x30), InlineData(0x82), InlineData(0xC0), Spec("MQTT-4.8.0-1")]
    public async Task A_remaining_length_has_four_bytes_at_most(byte header)
    {
        byte[] packet = [header, 0x80, 0x80, 0x80, 0x80, 0x01];

        await broker.ExpectClosedUponAsync(packet);
        await broker.ExpectClosedInSessionUponAsync(packet);
    }

    /// <summary>Only the announcement is sent: a broker that waits for the rest has believed a liar.</summary>
    [Theory, InlineData(new byte[] { 0x30, 0xFF, 0xFF, 0xFF, 0x7F })]
    [InlineData(new byte[] { 0x30, 0x80, 0x80, 0x80, 0x40 })]
    [InlineData(new byte[] { 0x82, 0xFF, 0xFF, 0xFF, 0x7F })]
    public Task A_packet_beyond_the_limit_is_refused_before_it_is_sent(byte[] announcement) =>
        broker.ExpectClosedInSessionUponAsync([.. announcement, 0, 1, (byte)'a']);

    [Fact]
    public Task A_CONNECT_beyond_the_limit_is_refused_before_it_is_sent() =>
        broker.ExpectClosedUponAsync([0x10, 0xFF, 0xFF, 0xFF, 0x7F, 0, 4]);

    private static IEnumerable<int> AllBut(int kind, int right) =>
        Enumerable.Range(0, 16).Where(flags => flags != right).Select(flags => kind | flags);
}
