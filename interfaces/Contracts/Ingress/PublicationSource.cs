namespace Orleans.Mqtt.Ingress;

/// <summary>The connection, or the part of the broker, that publications come from.</summary>
public sealed class PublicationSource(string clientId, CancellationToken gone = default)
{
    private volatile bool _hasFailed;

    /// <summary>The broker's own messages; they are given up only when the broker stops.</summary>
    public static readonly PublicationSource Broker = new("");

    public string ClientId { get; } = clientId;

    /// <summary>Whether somebody acknowledges what has been routed, and may be kept waiting for it. Nobody does for a will.</summary>
    public bool IsAwaited { get; init; } = true;

    /// <summary>Where the messages came into the cluster, when not from a client: the clusters that they have passed.</summary>
    public string? Origin { get; init; }

    /// <summary>Cancelled when nobody waits for acknowledgements any more.</summary>
    public CancellationToken Gone { get; } = gone;

    /// <summary>
    /// A message of this source could not be stored for someone. Nothing later may be taken: a receiver would mistake the
    /// repetition of the lost one, whose sequence is lower, for a message that it has had.
    /// </summary>
    public bool HasFailed => _hasFailed;

    /// <summary>Of no effect on the broker's own: their messages have no sequence that a later one could overtake.</summary>
    public void Fail() => _hasFailed = this != Broker;
}
