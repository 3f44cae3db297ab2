namespace Orleans.Mqtt.Grains;

/// <summary>Epochs and positions are times, so that they rise across activations without being stored.</summary>
internal static class Clock
{
    public static long Microseconds(TimeProvider time) =>
        (time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;

    public static long Milliseconds(TimeProvider time) => time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>As the expiry of messages counts.</summary>
    public static uint Seconds(TimeProvider time) => (uint)time.GetUtcNow().ToUnixTimeSeconds();

    /// <summary>A moment and so many seconds; what cannot be written any more is the end of time.</summary>
    public static uint Later(uint moment, uint seconds) => (uint)Math.Min(uint.MaxValue, (ulong)moment + seconds);
}
