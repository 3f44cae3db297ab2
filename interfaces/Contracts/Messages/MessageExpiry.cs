namespace Orleans.Mqtt.Messages;

/// <summary>
/// The end of a message's life as <see cref="MessageRecord.Expiry"/> has it: whole seconds since 1970, 0 for none. A message
/// lives up to a second longer than its publisher asked for, and never shorter.
/// </summary>
public static class MessageExpiry
{
    /// <summary>An interval that ends after 2106 ends then.</summary>
    public static uint From(uint interval, DateTimeOffset now) => (uint)Math.Min(Begun(now) + interval, uint.MaxValue);

    public static bool IsOver(uint expiry, DateTimeOffset now) => expiry != 0 && now.ToUnixTimeSeconds() >= expiry;

    /// <summary>
    /// What a receiver is told: the interval without the time that the message has waited. [MQTT-3.3.2-6] Of a life that
    /// ends after 2106 it is not known how long it was to be: it is said to be the longest that there is.
    /// </summary>
    public static uint Left(uint expiry, DateTimeOffset now) =>
        expiry == uint.MaxValue ? uint.MaxValue : (uint)Math.Max(expiry - Begun(now), 0);

    // A second that has begun counts, so that an interval of one second is not over at once.
    private static long Begun(DateTimeOffset now) => (now.ToUnixTimeMilliseconds() + 999) / 1000;
}
