using System.Buffers.Binary;
using System.Text;
using Orleans.Mqtt.Routing;

namespace Orleans.Mqtt.Grains.Routing;

/// <summary>
/// How a route is stored: its destination and filter in the name of a field, in the value its options, and behind them what
/// only some have.
/// </summary>
/// <remarks>
/// Of a gateway the options alone; of a session, or a share's queue, the number of the change, too; of a share's members how
/// many they are, and the handle.
/// </remarks>
internal static class RouteFields
{
    private const int NumberAt = 1, NumberedLength = NumberAt + sizeof(long);
    private const int MembersAt = 1, HandleAt = MembersAt + sizeof(int), MembersLength = HandleAt + sizeof(ulong);

    // U+0000 is in neither part: MQTT forbids it in filters and client identifiers. [MQTT-1.5.4-2]
    public static ReadOnlyMemory<byte> NameOf(RouteChange route) =>
        Encoding.UTF8.GetBytes($"{route.Destination}\0{route.Filter}");

    public static ReadOnlyMemory<byte> ValueOf(RouteChange route)
    {
        var value = new byte[route.IsShareMembers ? MembersLength : route.IsGateway || route.Number == 0 ? 1 : NumberedLength];
        value[0] = (byte)route.Options;
        if (value.Length == NumberedLength)
            BinaryPrimitives.WriteInt64LittleEndian(value.AsSpan(NumberAt), route.Number);
        if (value.Length == MembersLength)
        {
            BinaryPrimitives.WriteInt32LittleEndian(value.AsSpan(MembersAt), route.Members);
            BinaryPrimitives.WriteUInt64LittleEndian(value.AsSpan(HandleAt), route.Handle);
        }

        return value;
    }

    /// <summary>The number of the change that set a session's route; 0 when it had none.</summary>
    public static long NumberIn(byte[] value) =>
        value.Length == NumberedLength ? BinaryPrimitives.ReadInt64LittleEndian(value.AsSpan(NumberAt)) : 0;

    /// <summary>A stored field as the route that it stands for.</summary>
    public static RouteChange Read(KeyValuePair<byte[], byte[]> stored)
    {
        var (field, value) = stored;
        var separator = Array.IndexOf(field, (byte)0);
        var hasMembers = value.Length == MembersLength;
        return new RouteChange(
            Encoding.UTF8.GetString(field, separator + 1, field.Length - separator - 1),
            Encoding.UTF8.GetString(field, 0, separator),
            (RouteOptions)value[0],
            hasMembers ? BinaryPrimitives.ReadInt32LittleEndian(value.AsSpan(MembersAt)) : 0,
            hasMembers ? BinaryPrimitives.ReadUInt64LittleEndian(value.AsSpan(HandleAt)) : 0);
    }
}
