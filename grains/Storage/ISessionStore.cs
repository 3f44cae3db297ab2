using Orleans.Mqtt.Storage;

namespace Orleans.Mqtt.Grains.Storage;

/// <summary>What the owner of a session does with its durable form.</summary>
internal interface ISessionStore
{
    /// <summary>
    /// Completes when the change is durable, maybe before it returns. Throws <see cref="StaleOwnerException"/> when the session
    /// has a newer owner, and <see cref="StoreUnavailableException"/> when the outcome is unknown; either ends the claim.
    /// </summary>
    Task Commit(SessionClaim claim, in SessionChange change);

    /// <summary>Records of the queue from <paramref name="index"/>, 0 being its head, as far as there are any.</summary>
    Task<IReadOnlyList<byte[]>> ReadQueue(SessionClaim claim, long index, int count);

    /// <summary>
    /// Removes all that is stored of the client; false when the session has a newer owner. Its last epoch is remembered for
    /// a while, unless it is 0.
    /// </summary>
    Task<bool> Delete(SessionClaim claim, long lastEpoch = 0);
}
