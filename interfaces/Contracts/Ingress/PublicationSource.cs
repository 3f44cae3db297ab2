namespace Orleans.Mqtt.Ingress;

/// <summary>The connection, or the part of the broker, that publications come from.</summary>
public sealed class PublicationSource(string clientId, CancellationToken gone = default)
{
    // Some, so that a client who speaks to many places seldom has to send something twice; more when it was wrong.
    private const int FewReturns = 8, ManyReturns = 4096;

    private volatile bool _hasFailed;
    private int _returns;
    private int _neededReturns = FewReturns;

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
    /// Whether its last batches at QoS 0 went back to its own gateway, so that the next are likely to go nowhere else. For the
    /// lane that it sends with.
    /// </summary>
    public bool IsLocal => _returns >= _neededReturns;

    /// <summary>
    /// A message of this source could not be stored for someone. Nothing later may be taken: a receiver would mistake the
    /// repetition of the lost one, whose sequence is lower, for a message that it has had.
    /// </summary>
    public bool HasFailed => _hasFailed;

    /// <summary>What has become of a batch at QoS 0.</summary>
    public void NoteReturn(bool isAll)
    {
        if (IsLocal)
            _neededReturns = isAll ? FewReturns : Math.Min(_neededReturns * 2, ManyReturns);
        _returns = isAll ? Math.Min(_returns + 1, ManyReturns) : 0;
    }

    /// <summary>Of no effect on the broker's own: their messages have no sequence that a later one could overtake.</summary>
    public void Fail() => _hasFailed = this != Broker;
}
