using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using Orleans.Mqtt.Protocol;
using Orleans.Mqtt.Protocol.Codec;
using Orleans.Mqtt.Protocol.Packets;
using Orleans.Mqtt.Protocol.Properties;

namespace Orleans.Mqtt.Tests.Unit.Gateway;

/// <summary>The client's end of an outgoing pipe: what was said to it, in words.</summary>
internal sealed class Wire(Pipe pipe)
{
    public Wire()
        : this(new Pipe(new PipeOptions(pauseWriterThreshold: 0, useSynchronizationContext: false)))
    {
    }

    public PipeWriter Output => pipe.Writer;

    /// <summary>The version that the client reads.</summary>
    public ProtocolVersion Version { get; init; } = ProtocolVersion.V311;

    /// <summary>Takes everything that was flushed.</summary>
    public List<string> Said()
    {
        var said = new List<string>();
        if (!pipe.Reader.TryRead(out var read))
            return said;

        var unread = read.Buffer;
        while (Frame.TryRead(ref unread, int.MaxValue, out var frame, Version))
            said.Add(InWords(frame));
        pipe.Reader.AdvanceTo(unread.Start, unread.End);
        return said;
    }

    /// <summary>Waits until the client was told this many things in all.</summary>
    public async Task<List<string>> HearsAsync(int count)
    {
        var said = new List<string>();
        while (said.Count < count)
        {
            var read = await pipe.Reader.ReadAsync().AsTask().Soon();
            var unread = read.Buffer;
            while (Frame.TryRead(ref unread, int.MaxValue, out var frame, Version))
                said.Add(InWords(frame));
            pipe.Reader.AdvanceTo(unread.Start, unread.End);
        }

        return said;
    }

    /// <summary>Takes everything that was flushed; the number of bytes.</summary>
    public long Discard()
    {
        if (!pipe.Reader.TryRead(out var read))
            return 0;

        var length = read.Buffer.Length;
        pipe.Reader.AdvanceTo(read.Buffer.End);
        return length;
    }

    public void Break() => pipe.Reader.Complete(new IOException("broken"));

    private string InWords(in Frame frame) => frame.Type switch
    {
        PacketType.Publish => InWords(PublishPacket.ReadFromServer(frame, Version)),
        PacketType.PubAck or PacketType.PubRec or PacketType.PubRel or PacketType.PubComp =>
            InWords(AckPacket.Read(frame, Version)),
        PacketType.Disconnect => $"DISCONNECT {DisconnectPacket.Read(frame, Version).Reason}",
        _ => frame.Type.ToString().ToUpperInvariant(),
    };

    private static string InWords(AckPacket ack)
    {
        var reason = ack.Reason is ReasonCode.Success ? "" : $" {ack.Reason}";
        return $"{ack.Type.ToString().ToUpperInvariant()} {ack.PacketId}{reason}";
    }

    private static string InWords(in PublishPacket publish)
    {
        var id = publish.QoS is QoS.AtMostOnce ? "" : $" {publish.PacketId}";
        var words = $"PUBLISH{id} {Encoding.UTF8.GetString(publish.Topic)}={Encoding.UTF8.GetString(publish.Payload.ToArray())}"
            + (publish.Retain ? " retain" : "") + (publish.Dup ? " dup" : "");
        var property = new PropertyReader(publish.Properties, PropertyScope.Publish);
        while (property.MoveNext())
        {
            words += property.Id switch
            {
                PropertyId.MessageExpiryInterval => $" expires in {property.Number}",
                PropertyId.TopicAlias => $" alias {property.Number}",
                PropertyId.SubscriptionIdentifier => $" for {property.Number}",
                _ => $" {property.Id}",
            };
        }

        return words;
    }
}
