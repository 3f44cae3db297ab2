using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using Orleans.Mqtt.Protocol;
using Orleans.Mqtt.Protocol.Codec;
using Orleans.Mqtt.Protocol.Packets;

namespace Orleans.Mqtt.Tests.Unit.Gateway;

/// <summary>The client's end of an outgoing pipe: what was said to it, in words.</summary>
internal sealed class Wire(Pipe pipe)
{
    public Wire()
        : this(new Pipe(new PipeOptions(pauseWriterThreshold: 0, useSynchronizationContext: false)))
    {
    }

    public PipeWriter Output => pipe.Writer;

    /// <summary>Takes everything that was flushed.</summary>
    public List<string> Said()
    {
        var said = new List<string>();
        if (!pipe.Reader.TryRead(out var read))
            return said;

        var unread = read.Buffer;
        while (Frame.TryRead(ref unread, int.MaxValue, out var frame))
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
            while (Frame.TryRead(ref unread, int.MaxValue, out var frame))
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

    private static string InWords(in Frame frame)
    {
        if (frame.Type is PacketType.Publish)
        {
            var publish = PublishPacket.ReadFromServer(frame, ProtocolVersion.V311);
            var id = publish.QoS is QoS.AtMostOnce ? "" : $" {publish.PacketId}";
            return $"PUBLISH{id} {Encoding.UTF8.GetString(publish.Topic)}={Encoding.UTF8.GetString(publish.Payload.ToArray())}"
                + (publish.Retain ? " retain" : "") + (publish.Dup ? " dup" : "");
        }

        return frame.Type is PacketType.PubAck or PacketType.PubRec or PacketType.PubRel or PacketType.PubComp
            ? $"{frame.Type.ToString().ToUpperInvariant()} {AckPacket.Read(frame, ProtocolVersion.V311).PacketId}"
            : frame.Type.ToString().ToUpperInvariant();
    }
}
