namespace Orleans.Mqtt.Gateway.Connections;

/// <summary>Something whose silence has a limit. The <see cref="Heartbeat"/> links those that it is to look at in one tick.</summary>
internal abstract class Overdue
{
    /// <summary>A tick that does not come.</summary>
    public const int Never = int.MaxValue;

    // The heartbeat's, under its lock.
    internal Overdue? Previous, Next;
    internal int LookAt = Heartbeat.Unwatched;

    /// <summary>Closes if it has been silent for too long.</summary>
    /// <returns>The tick at which it may have been, or <see cref="Never"/>.</returns>
    public abstract int Check(int tick);
}
