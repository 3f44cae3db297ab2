namespace Orleans.Mqtt.Grains.Storage;

/// <summary>The right to write one session, and what was stored of it when it was claimed. Used by one caller at a time.</summary>
internal sealed class SessionClaim
{
    private volatile bool _isBroken;

    public required string ClientId { get; init; }

    /// <summary>Who writes. Greater than every earlier owner, and never used again for this client.</summary>
    public required long Owner { get; init; }

    /// <summary>True when the client had nothing stored.</summary>
    public required bool IsNew { get; init; }

    /// <summary>The last epoch of a session of this client that has ended not long ago; 0 when there was none.</summary>
    public required long LastEpoch { get; init; }

    /// <summary>All state fields, as found.</summary>
    public required IReadOnlyList<KeyValuePair<byte[], byte[]>> Fields { get; init; }

    /// <summary>The first records of the queue, as found.</summary>
    public required IReadOnlyList<byte[]> FirstRecords { get; init; }

    /// <summary>Records in the queue, all commits asked for so far included.</summary>
    public required long QueueLength { get; set; }

    /// <summary>A commit ended in doubt or found a newer owner: nothing can be built on this claim, claim again.</summary>
    public bool IsBroken => _isBroken;

    internal required byte[] OwnerKey { get; init; }

    internal required byte[] StateKey { get; init; }

    internal required byte[] QueueKey { get; init; }

    internal required byte[] LastEpochKey { get; init; }

    /// <summary>The first commit of the pipeline that is being sent. Belongs to the lane.</summary>
    internal SessionWrite? FirstOfPipeline { get; set; }

    internal void Break() => _isBroken = true;

    /// <summary>Counts a change in.</summary>
    internal void Note(in SessionChange change)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(change.Trim);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(change.Trim, QueueLength + change.Append.Count);
        QueueLength += change.Append.Count - change.Trim;
    }
}
