namespace Orleans.Mqtt.Grains.Sessions;

/// <summary>Epochs and positions are times, so that they rise across activations without being stored.</summary>
internal static class Clock
{
    public static long Microseconds(TimeProvider time) =>
        (time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;

    public static long Milliseconds(TimeProvider time) => time.GetUtcNow().ToUnixTimeMilliseconds();
}
