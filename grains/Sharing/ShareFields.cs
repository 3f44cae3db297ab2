using System.Buffers.Binary;
using System.Text;
using Orleans.Mqtt.Grains.Sessions;

namespace Orleans.Mqtt.Grains.Sharing;

/// <summary>
/// Names of the small fields that are stored beside a share's queue; like those of a session, whose publishers
/// (<see cref="SessionFields.Seen"/>) it has, too.
/// </summary>
internal static class ShareFields
{
    public const byte MemberPrefix = (byte)'m';
    public const byte GivenPrefix = (byte)'g';
    public const byte ParkedPrefix = (byte)'l';

    /// <summary>Below it are all positions and all numbers of offers that were ever given out, i64.</summary>
    public static readonly byte[] Mark = [MarkName];

    public const byte MarkName = (byte)'n';

    /// <summary>A member, <see cref="Mqtt.Sharing.Membership"/>.</summary>
    public static byte[] Member(string clientId) => [MemberPrefix, .. Encoding.UTF8.GetBytes(clientId)];

    /// <summary>Who was given a message of QoS 2, <see cref="GivenTo"/>.</summary>
    public static byte[] Given(long position) => [GivenPrefix, .. SessionFields.Number(position)];

    /// <summary>A record that has left the list, though it is not finished.</summary>
    public static byte[] Parked(long position) => [ParkedPrefix, .. SessionFields.Number(position)];

    public static long Position(ReadOnlySpan<byte> name) => SessionFields.Number(name[1..]);
}

/// <summary>To whom a message of QoS 2 was given, under which packet identifier, and whether PUBREC has come.</summary>
internal readonly record struct GivenTo(string ClientId, ushort PacketId, bool IsReleased)
{
    /// <summary>To nobody any more: it was finished, or its member's session has ended.</summary>
    public static readonly GivenTo Nobody = new("", 0, false);

    private const int ClientIdAt = 3;

    public static GivenTo Parse(ReadOnlySpan<byte> value) => new(
        Encoding.UTF8.GetString(value[ClientIdAt..]), BinaryPrimitives.ReadUInt16BigEndian(value[1..]), value[0] != 0);

    public byte[] ToArray()
    {
        var value = new byte[ClientIdAt + Encoding.UTF8.GetByteCount(ClientId)];
        value[0] = IsReleased ? (byte)1 : (byte)0;
        BinaryPrimitives.WriteUInt16BigEndian(value.AsSpan(1), PacketId);
        Encoding.UTF8.GetBytes(ClientId, value.AsSpan(ClientIdAt));
        return value;
    }
}
