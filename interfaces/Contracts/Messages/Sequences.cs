namespace Orleans.Mqtt.Messages;

/// <summary>
/// Numbers a publisher's messages. They begin at the epoch of its connection, in microseconds, times 4,096: no client can
/// publish 4,096 messages a microsecond, so the numbers of a later connection are always higher.
/// </summary>
public static class Sequences
{
    private const int PerMicrosecondBits = 12;

    public static ulong FirstOf(long epoch) => (ulong)epoch << PerMicrosecondBits;
}
