using System.Text;
using Xunit;

namespace Orleans.Mqtt.Tests.Support;

// The ordinary conversations, each whole and each checked.
public sealed partial class RawClient
{
    private int _lastPacketId;

    public string ClientId { get; private set; } = "";

    public bool SessionPresent { get; private set; }

    public int NextPacketId() => _lastPacketId = (_lastPacketId % 65_535) + 1;

    /// <summary>CONNECT, and a CONNACK that welcomes.</summary>
    public async Task ConnectAsync(ConnectOptions options)
    {
        await SendAsync(Packet.Connect(options));
        var answer = await ReceiveAsync();
        Assert.True(answer is { Header: 0x20, Body: [0 or 1, 0] }, $"a CONNACK was expected, but {answer} came");
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
        await SendAsync(Packet.Subscribe(packetId, filters));
        var answer = await AnswerAsync(RawType.SubAck, packetId);
        return [.. answer.Body.Skip(2)];
    }

    public async Task UnsubscribeAsync(params string[] filters)
    {
        var packetId = NextPacketId();
        await SendAsync(Packet.Unsubscribe(packetId, filters));
        Assert.Equal(2, (await AnswerAsync(RawType.UnsubAck, packetId)).Body.Length);
    }

    public Task PublishAsync(string topic, string payload, int qos = 0, bool retain = false) =>
        PublishAsync(topic, Encoding.UTF8.GetBytes(payload), qos, retain);

    /// <summary>PUBLISH and all that follows it: at its end the broker has the message.</summary>
    public async Task PublishAsync(string topic, byte[] payload, int qos = 0, bool retain = false)
    {
        var packetId = qos == 0 ? 0 : NextPacketId();
        await SendAsync(Packet.Publish(topic, payload, qos, packetId, retain));
        if (qos == 1)
            await AnswerAsync(RawType.PubAck, packetId);
        if (qos != 2)
            return;
        await AnswerAsync(RawType.PubRec, packetId);
        await SendAsync(Packet.PubRel(packetId));
        await AnswerAsync(RawType.PubComp, packetId);
    }

    /// <summary>The next packet is a PUBLISH; it is taken apart and not answered.</summary>
    public async Task<Heard> HearUnansweredAsync() => Heard.From(await TakeAsync(_ => true, "a PUBLISH"));

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
