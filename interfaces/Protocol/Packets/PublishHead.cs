using System.Buffers;
using Orleans.Mqtt.Protocol.Codec;

namespace Orleans.Mqtt.Protocol.Packets;

/// <summary>What stands before the payload of a PUBLISH whose body lies in pieces.</summary>
internal static class PublishHead
{
    /// <summary>
    /// Topic, packet identifier and properties as one span: the first piece if they lie in it, else a copy of
    /// these only. A body that is too short comes back whole, for the reader to judge.
    /// </summary>
    public static ReadOnlySpan<byte> Join(in ReadOnlySequence<byte> body, QoS qos, ProtocolVersion version)
    {
        var length = Math.Min(Measure(body, qos, version), body.Length);
        return body.FirstSpan.Length >= length ? body.FirstSpan[..(int)length] : body.Slice(0, length).ToArray();
    }

    private static long Measure(in ReadOnlySequence<byte> body, QoS qos, ProtocolVersion version)
    {
        var bytes = new SequenceReader<byte>(body);
        if (!bytes.TryReadBigEndian(out short topic))
            return body.Length;

        var length = sizeof(ushort) + (ushort)topic + (qos is QoS.AtMostOnce ? 0 : sizeof(ushort));
        if (version is not ProtocolVersion.V5 || length >= body.Length)
            return length;

        Span<byte> prefix = stackalloc byte[VarInt.MaximumBytes];
        var rest = body.Slice(length);
        rest = rest.Length > prefix.Length ? rest.Slice(0, prefix.Length) : rest;
        rest.CopyTo(prefix);
        return VarInt.TryRead(prefix[..(int)rest.Length], out var properties, out var prefixLength)
            ? length + prefixLength + properties
            : body.Length;
    }
}
