using System.Text;

namespace Orleans.Mqtt.Tests.Support;

/// <summary>The bytes of the packets that a client may send, and the way to make ones it may not.</summary>
public static class Packet
{
    public static byte[] PingReq => [0xC0, 0];

    public static byte[] PingResp => [0xD0, 0];

    public static byte[] Disconnect => [0xE0, 0];

    /// <summary>Any first byte before any body, with a true remaining length.</summary>
    public static byte[] Of(int header, params byte[] body) =>
        new ByteBuilder().Byte(header).Length(body.Length).Raw(body).ToArray();

    public static byte[] Connect(ConnectOptions options)
    {
        var body = new ByteBuilder()
            .Text(options.ProtocolName).Byte(options.Level).Byte(options.FlagsOnTheWire).Short(options.KeepAlive);
        if (options.HasProperties)
            body.Block(options.Properties);
        body.Text(options.ClientId);
        if (options is { Will: not null, HasProperties: true })
            body.Block(options.Will.Properties);
        if (options.Will is { } will)
            body.Text(will.Topic).Binary(will.Payload);
        if (options.UserName is { } userName)
            body.Text(userName);
        if (options.Password is { } password)
            body.Binary(password);
        return Of(0x10, body.ToArray());
    }

    /// <summary>A CONNECT of MQTT 3.1.1 with these flags, a keep alive of 0, and this for a payload.</summary>
    public static byte[] Connect(int flags, ByteBuilder payload) =>
        Of(0x10, new ByteBuilder().Text("MQTT").Byte(4).Byte(flags).Short(0).Raw(payload.ToArray()).ToArray());

    /// <summary>Of MQTT 5 if there are properties, even if they are none.</summary>
    public static byte[] Publish(
        string topic, ReadOnlySpan<byte> payload, int qos = 0, int packetId = 0, bool retain = false, bool dup = false,
        Props? properties = null)
    {
        var body = new ByteBuilder().Text(topic);
        if (qos > 0)
            body.Short(packetId);
        if (properties is not null)
            body.Block(properties);
        return Of(0x30 | (dup ? 8 : 0) | (qos << 1) | (retain ? 1 : 0), body.Raw(payload).ToArray());
    }

    public static byte[] Publish(
        string topic, string payload, int qos = 0, int packetId = 0, bool retain = false, bool dup = false,
        Props? properties = null) =>
        Publish(topic, Encoding.UTF8.GetBytes(payload), qos, packetId, retain, dup, properties);

    public static byte[] PubAck(int packetId) => Of(0x40, Id(packetId));

    public static byte[] PubRec(int packetId) => Of(0x50, Id(packetId));

    public static byte[] PubRel(int packetId) => Of(0x62, Id(packetId));

    public static byte[] PubComp(int packetId) => Of(0x70, Id(packetId));

    /// <summary>PUBACK, PUBREC, PUBREL or PUBCOMP of MQTT 5.</summary>
    public static byte[] Ack(RawType type, int packetId, int reason, Props? properties = null)
    {
        var body = new ByteBuilder().Short(packetId).Byte(reason);
        if (properties is not null)
            body.Block(properties);
        return Of(((int)type << 4) | (type is RawType.PubRel ? 2 : 0), body.ToArray());
    }

    /// <summary>DISCONNECT of MQTT 5.</summary>
    public static byte[] Goodbye(int reason, Props? properties = null)
    {
        var body = new ByteBuilder().Byte(reason);
        if (properties is not null)
            body.Block(properties);
        return Of(0xE0, body.ToArray());
    }

    public static byte[] Auth(int reason, Props properties) =>
        Of(0xF0, new ByteBuilder().Byte(reason).Block(properties).ToArray());

    public static byte[] Subscribe(int packetId, params (string Filter, int QoS)[] filters) =>
        Subscribe(packetId, null, filters);

    /// <summary>Of MQTT 5 if there are properties; then the number behind a filter is all its options.</summary>
    public static byte[] Subscribe(int packetId, Props? properties, params (string Filter, int Options)[] filters)
    {
        var body = new ByteBuilder().Short(packetId);
        if (properties is not null)
            body.Block(properties);
        foreach (var (filter, options) in filters)
            body.Text(filter).Byte(options);
        return Of(0x82, body.ToArray());
    }

    public static byte[] Unsubscribe(int packetId, params string[] filters) => Unsubscribe(packetId, null, filters);

    /// <summary>Of MQTT 5 if there are properties.</summary>
    public static byte[] Unsubscribe(int packetId, Props? properties, params string[] filters)
    {
        var body = new ByteBuilder().Short(packetId);
        if (properties is not null)
            body.Block(properties);
        foreach (var filter in filters)
            body.Text(filter);
        return Of(0xA2, body.ToArray());
    }

    private static byte[] Id(int packetId) => [(byte)(packetId >> 8), (byte)packetId];
}
