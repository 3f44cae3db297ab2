namespace Orleans.Mqtt.Grains.Sessions;

/// <summary>Where a queued message stands between us and the client.</summary>
internal enum EntryState : byte
{
    /// <summary>Not sent on this connection.</summary>
    Waiting,

    /// <summary>PUBLISH is out.</summary>
    Sent,

    /// <summary>PUBREC is in and stored: from here on only PUBREL is sent. [MQTT-4.3.3-1]</summary>
    Released,

    /// <summary>Nothing more is to be done; the entry leaves with those before it.</summary>
    Done,
}

/// <summary>One message of a session's queue, in memory.</summary>
/// <param name="Record">The stored record; empty when nothing more is to be done with it.</param>
internal record struct QueueEntry(ReadOnlyMemory<byte> Record)
{
    public EntryState State { get; set; }

    /// <summary>It may have been sent before, so the next time carries DUP.</summary>
    public bool WasSent { get; set; }

    /// <summary>It was sent on this connection and takes a place in its window until the client is done with it.</summary>
    public bool IsInFlight { get; set; }

    /// <summary>Of one that is done: it had QoS 2.</summary>
    public bool WasExactlyOnce { get; init; }

    /// <summary>It was certainly never sent: what may have been stays, for the client may hold half of it.</summary>
    public readonly bool CanBeGivenUp => State is EntryState.Waiting && !WasSent;
}
