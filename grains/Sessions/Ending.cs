using Orleans.Mqtt.Protocol;
using Orleans.Mqtt.Sessions;

namespace Orleans.Mqtt.Grains.Sessions;

/// <summary>How a connection ends.</summary>
internal readonly record struct Ending(CloseReason Reason)
{
    /// <summary>What the gateway is told to close it with; null when it is closed already.</summary>
    public ReasonCode? CloseWith { get; init; }

    /// <summary>When it ended, in milliseconds since 1970; null: now.</summary>
    public long? Since { get; init; }

    /// <summary>A new connection goes on with the session at once.</summary>
    public bool GoesOn { get; init; }

    /// <summary>The Session Expiry Interval of a DISCONNECT; null leaves what is.</summary>
    public uint? SessionExpiry { get; init; }
}
