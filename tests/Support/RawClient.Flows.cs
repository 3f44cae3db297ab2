using System.Text;
using Xunit;

namespace Orleans.Mqtt.Tests.Support;

// The ordinary conversations, each whole and each checked.
public sealed partial class RawClient
{
    private int _lastPacketId;

    public string ClientId { get; private set; } = "";

    public bool SessionPresent { get; private set; }

    public bool IsVersion5 { get; private set; }

    /// <summary>What CONNACK said, in MQTT 5.</summary>
    public IReadOnlyList<RawProperty> Welcome { get; private set; } = [];

    /// <summary>No properties, which only MQTT 5 has to say.</summary>
    private Props? NoProperties => IsVersion5 ? new Props() : null;

    public int NextPacketId() => _lastPacketId = (_lastPacketId % 65_535) + 1;

    /// <summary>CONNECT, and a CONNACK that welcomes.</summary>
    public async Task ConnectAsync(ConnectOptions options)
    {
        await SendAsync(Packet.Connect(options));
        var answer = await ReceiveAsync();
        IsVersion5 = options.HasProperties;
        Assert.True(answer is { Header: 0x20, Body: [0 or 1, 0, ..] }, $"a CONNACK was expected, but {answer} came");
        Assert.Equal(IsVersion5, answer.Body.Length > 2);
        if (IsVersion5)
            Welcome = answer.Properties;
        ClientId = options.ClientId;
        SessionPresent = answer.Body[0] == 1;
    }

    /// <summary>CONNECT, then a CONNACK with this code, then the end.</summary>
    public async Task ExpectRefusalAsync(ConnectOptions options, int returnCode)
    {
        await SendAsync(Packet.Connect(options));
        await ExpectAsync([0x20, 2, 0, (byte)returnCode]);
        await ExpectClosedAsync();
    }

    /// <summary>CONNECT of MQTT 5, then a CONNACK with this reason, then the end.</summary>
    public async Task<IReadOnlyList<RawProperty>> ExpectReasonedRefusalAsync(byte[] connect, int reason)
    {
        await SendAsync(connect);
        var answer = await ReceiveAsync();
        Assert.True(answer.Header == 0x20 && answer.Body[0] == 0 && answer.Body[1] == reason,
            $"a CONNACK with {reason:x2} was expected, but {answer} came");
        await ExpectClosedAsync();
        return answer.Properties;
    }

    /// <summary>DISCONNECT from the broker with this reason, and then the end.</summary>
    public async Task<IReadOnlyList<RawProperty>> ExpectGoodbyeAsync(int reason)
    {
        var last = await ReceiveAsync();
        Assert.True(last.Header == 0xE0 && last.Reason == reason,
            $"a DISCONNECT with {reason:x2} was expected, but {last} came");
        await ExpectClosedAsync();
        return last.Properties;
    }

    public async Task DisconnectAsync()
    {
        await SendAsync(Packet.Disconnect);
        await ExpectClosedAsync();
    }

    /// <summary>SUBSCRIBE, and a SUBACK that grants what was asked.</summary>
    public async Task SubscribeAsync(string filter, int qos = 0) =>
        Assert.Equal([qos], await AskAsync((filter, qos)));

    /// <summary>SUBSCRIBE; gives the return codes of the SUBACK.</summary>
    public async Task<int[]> AskAsync(params (string Filter, int QoS)[] filters)
    {
        var packetId = NextPacketId();
        await SendAsync(Packet.Subscribe(packetId, NoProperties, filters));
        var answer = await AnswerAsync(RawType.SubAck, packetId);
        return IsVersion5 ? answer.Reasons : [.. answer.Body.Skip(2)];
    }

    /// <summary>SUBSCRIBE of MQTT 5 with all that it can say; gives the whole SUBACK.</summary>
    public async Task<RawPacket> SubscribeAsync(Props properties, params (string Filter, int Options)[] filters)
    {
        var packetId = NextPacketId();
        await SendAsync(Packet.Subscribe(packetId, properties, filters));
        return await AnswerAsync(RawType.SubAck, packetId);
    }

    public async Task UnsubscribeAsync(params string[] filters)
    {
        var packetId = NextPacketId();
        await SendAsync(Packet.Unsubscribe(packetId, NoProperties, filters));
        var answer = await AnswerAsync(RawType.UnsubAck, packetId);
        if (IsVersion5)
            Assert.Equal(new int[filters.Length], answer.Reasons);
        else
            Assert.Equal(2, answer.Body.Length);
    }

    public Task PublishAsync(string topic, string payload, int qos = 0, bool retain = false, Props? properties = null) =>
        PublishAsync(topic, Encoding.UTF8.GetBytes(payload), qos, retain, properties);

    /// <summary>PUBLISH and all that follows it: at its end the broker has the message.</summary>
    public async Task PublishAsync(string topic, byte[] payload, int qos = 0, bool retain = false, Props? properties = null)
    {
        var packetId = qos == 0 ? 0 : NextPacketId();
        await SendAsync(Packet.Publish(topic, payload, qos, packetId, retain, properties: properties ?? NoProperties));
        if (qos == 1)
            await AnswerAsync(RawType.PubAck, packetId);
        if (qos != 2)
            return;
        await AnswerAsync(RawType.PubRec, packetId);
        await SendAsync(Packet.PubRel(packetId));
        await AnswerAsync(RawType.PubComp, packetId);
    }

    /// <summary>The next packet is a PUBLISH; it is taken apart and not answered.</summary>
    public async Task<Heard> HearUnansweredAsync() =>
        Heard.From(await TakeAsync(_ => true, "a PUBLISH"), IsVersion5);

    /// <summary>The next packet is a PUBLISH; it is answered as its QoS wants, to the end.</summary>
    public async Task<Heard> HearAsync()
    {
        var heard = await HearUnansweredAsync();
        await AcknowledgeAsync(heard);
        return heard;
    }

    public async Task AcknowledgeAsync(Heard heard)
    {
        if (heard.QoS == 1)
            await SendAsync(Packet.PubAck(heard.PacketId));
        if (heard.QoS != 2)
            return;
        await SendAsync(Packet.PubRec(heard.PacketId));
        await AnswerAsync(RawType.PubRel, heard.PacketId);
        await SendAsync(Packet.PubComp(heard.PacketId));
    }

    /// <summary>The next PUBLISH says this, on this topic if one is named.</summary>
    public async Task ExpectTextAsync(string text, string? topic = null)
    {
        var heard = await HearAsync();
        Assert.Equal(text, heard.Text);
        if (topic is not null)
            Assert.Equal(topic, heard.Topic);
    }

    /// <summary>The next packet of this kind; what comes before it stays for later.</summary>
    public Task<RawPacket> AnyAsync(RawType type) => TakeAsync(packet => packet.Type == type, $"{type}");

    /// <summary>A PINGRESP comes; messages may come before it.</summary>
    public async Task AnswerPingAsync() =>
        Assert.Empty((await TakeAsync(packet => packet.Type == RawType.PingResp, "PINGRESP")).Body);

    /// <summary>Whatever comes until the broker hangs up.</summary>
    public async Task<IReadOnlyList<RawPacket>> DrainAsync()
    {
        var packets = _setAside.ToList();
        _setAside.Clear();
        while (await ReadAsync("the connection to be closed") is { } packet)
            packets.Add(packet);
        return packets;
    }

    /// <summary>
    /// The next packet of this kind, which must be about this id; messages that cross it stay for later.
    /// </summary>
    public async Task<RawPacket> AnswerAsync(RawType type, int packetId)
    {
        var answer = await TakeAsync(packet => packet.Type == type, $"{type} {packetId}");
        Assert.Equal(type is RawType.PubRel ? 2 : 0, answer.Flags);
        Assert.Equal(packetId, answer.PacketId);
        return answer;
    }
}
