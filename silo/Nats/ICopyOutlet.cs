namespace Orleans.Mqtt.Silo.Nats;

/// <summary>A way to NATS over one connection. What it had not confirmed when the connection broke goes out over the next one.</summary>
internal interface ICopyOutlet : IAsyncDisposable
{
    /// <summary>Whether a message of QoS 0 that may have arrived is sent again: only where the receiver tells it from a new one.</summary>
    bool RepeatsQoS0 { get; }

    /// <summary>Whether its first message is to be confirmed before any other follows.</summary>
    bool IsUntried { get; }

    /// <summary>Puts a record of the run on its way. The payload is no longer needed when this returns.</summary>
    ValueTask SendAsync(int index, Copy copy, CancellationToken life);

    /// <summary>Returns when NATS has all of the run that was sent.</summary>
    /// <exception cref="StreamAwayException">The stream does not take it now.</exception>
    ValueTask ConfirmAsync(MirrorRun run, CancellationToken life);
}
