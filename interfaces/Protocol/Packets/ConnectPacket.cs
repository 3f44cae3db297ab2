using System.Buffers;
using Orleans.Mqtt.Protocol.Codec;
using Orleans.Mqtt.Protocol.Properties;

namespace Orleans.Mqtt.Protocol.Packets;

/// <summary>CONNECT, chapter 3.1. It owns its bytes.</summary>
public sealed class ConnectPacket : IPacket<ConnectPacket>
{
    public ProtocolVersion Version { get; init; } = ProtocolVersion.V311;

    /// <summary>Clean Session in MQTT 3, Clean Start in MQTT 5.</summary>
    public bool CleanStart { get; init; } = true;

    /// <summary>In seconds; 0 turns it off.</summary>
    public ushort KeepAlive { get; init; }

    /// <summary>May be empty: the server then gives a name, or refuses [MQTT-3.1.3-8].</summary>
    public string ClientId { get; init; } = "";

    public ConnectWill? Will { get; init; }

    public string? UserName { get; init; }

    public ReadOnlyMemory<byte>? Password { get; init; }

    /// <summary>Defaults where the client is older than MQTT 5.</summary>
    public ConnectProperties Properties { get; init; } = ConnectProperties.None;

    public byte Header => (int)PacketType.Connect << 4;

    private ConnectFlags Flags =>
        (CleanStart ? ConnectFlags.CleanStart : 0)
        | (Will?.Flags ?? 0)
        | (UserName is null ? 0 : ConnectFlags.UserName)
        | (Password is null ? 0 : ConnectFlags.Password);

    /// <summary>
    /// Reads a CONNECT of any version, which the packet itself names. A version that is not known throws
    /// <see cref="ReasonCode.UnsupportedProtocolVersion"/>, so that it can be answered [MQTT3-3.1.2-2].
    /// </summary>
    public static ConnectPacket Read(in Frame frame, ProtocolVersion version = ProtocolVersion.None)
    {
        var bytes = new MqttReader(frame);
        version = ProtocolName.Read(ref bytes);
        var flags = (ConnectFlags)bytes.ReadByte();
        flags.Judge(version);

        var packet = new ConnectPacket // members in wire order: an initializer runs top to bottom
        {
            Version = version,
            CleanStart = flags.HasFlag(ConnectFlags.CleanStart),
            KeepAlive = bytes.ReadUInt16(),
            Properties = version is ProtocolVersion.V5
                ? ConnectProperties.Read(bytes.ReadPropertyBlock())
                : ConnectProperties.None,
            ClientId = bytes.ReadString(),
            Will = flags.HasFlag(ConnectFlags.Will) ? ConnectWill.Read(ref bytes, flags, version) : null,
            UserName = flags.HasFlag(ConnectFlags.UserName) && !IsMissing(bytes, version) ? bytes.ReadString() : null,
            Password = flags.HasFlag(ConnectFlags.Password) && !IsMissing(bytes, version)
                ? bytes.ReadBinary().ToArray()
                : default(ReadOnlyMemory<byte>?), // a plain null would become an empty password
        };
        bytes.ExpectEnd();
        return packet;
    }

    /// <summary>
    /// Whether a packet that could not be read begins like a CONNECT of MQTT 5, so that its sender understands an answer.
    /// </summary>
    public static bool IsVersion5(in ReadOnlySequence<byte> bytes)
    {
        Span<byte> start = stackalloc byte[1 + VarInt.MaximumBytes + ProtocolName.Version5.Length];
        var length = (int)Math.Min(start.Length, bytes.Length);
        bytes.Slice(0, length).CopyTo(start);
        var at = 1;
        while (at < length && at <= VarInt.MaximumBytes && start[at] >= 128)
            at++; // the remaining length

        return length > 0 && start[0] >> 4 == (int)PacketType.Connect
            && start[Math.Min(at + 1, length)..length].StartsWith(ProtocolName.Version5);
    }

    /// <summary>Writes in the packet's own <see cref="Version"/>, whatever is asked for.</summary>
    public void WriteBody(scoped ref MqttWriter writer, ProtocolVersion version)
    {
        ProtocolName.Write(ref writer, Version);
        writer.WriteByte((byte)Flags);
        writer.WriteUInt16(KeepAlive);
        if (Version is ProtocolVersion.V5)
            PropertyWriter.WriteBlock(ref writer, Properties);

        writer.WriteString(ClientId);
        Will?.WriteTo(ref writer, Version);
        if (UserName is not null)
            writer.WriteString(UserName);

        if (Password is { } password)
            writer.WriteBinary(password.Span);
    }

    // MQTT 3.1, chapter 3.1: the remaining length takes precedence over the flags of user name and password.
    private static bool IsMissing(in MqttReader bytes, ProtocolVersion version) =>
        version is ProtocolVersion.V31 && bytes.AtEnd;
}
