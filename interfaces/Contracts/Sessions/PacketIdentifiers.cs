namespace Orleans.Mqtt.Sessions;

/// <summary>
/// The packet identifier of a queued message follows from its position, so the same one comes back after a reconnect
/// [MQTT-4.4.0-1] without being stored. It holds while the open positions span fewer than 65,535.
/// </summary>
public static class PacketIdentifiers
{
    public const int Span = ushort.MaxValue;

    public static ushort Of(long position) => (ushort)((position % Span) + 1);

    /// <summary>The latest position up to <paramref name="last"/> that has the packet identifier.</summary>
    public static long PositionOf(ushort packetId, long last)
    {
        var back = ((last % Span) - (packetId - 1) + Span) % Span;
        return last - back;
    }
}
