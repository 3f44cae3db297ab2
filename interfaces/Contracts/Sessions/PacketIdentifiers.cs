namespace Orleans.Mqtt.Sessions;

/// <summary>
/// Who may use which packet identifiers towards a client: what is subscribed to alone the lower half, shared subscriptions
/// the upper one, so that they need not ask each other. In the lower half the identifier of a queued message follows from
/// its position, so the same one comes back after a reconnect [MQTT-4.4.0-1] without being stored. It holds while the open
/// positions span fewer than 32,767. In the upper half each share of a client has a block, in which it gives them out.
/// </summary>
public static class PacketIdentifiers
{
    public const int Span = 32_767;

    /// <summary>The first identifier of shared subscriptions.</summary>
    public const int FirstShared = 32_768;

    /// <summary>Identifiers of one share, and so the most that it can have unacknowledged.</summary>
    public const int PerShare = 128;

    /// <summary>Shared subscriptions of one client.</summary>
    public const int Shares = (ushort.MaxValue + 1 - FirstShared) / PerShare;

    public static bool IsShared(ushort packetId) => packetId >= FirstShared;

    /// <summary>The first identifier of one of a client's shares, counted from 0.</summary>
    public static ushort OfShare(int index) => (ushort)(FirstShared + (index * PerShare));

    public static ushort Of(long position) => (ushort)((position % Span) + 1);

    /// <summary>The latest position up to <paramref name="last"/> that has the packet identifier.</summary>
    public static long PositionOf(ushort packetId, long last)
    {
        var back = ((last % Span) - (packetId - 1) + Span) % Span;
        return last - back;
    }
}
