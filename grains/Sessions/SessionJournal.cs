using Orleans.Mqtt.Grains.Storage;
using Orleans.Mqtt.Storage;

namespace Orleans.Mqtt.Grains.Sessions;

/// <summary>
/// The durable memory of one session under one activation. Changes are stored in the order in which they are committed.
/// After a failure the outcome is unknown and nothing more is stored: only a new activation, which reads again, may go on.
/// </summary>
internal sealed class SessionJournal(ISessionStore store, SessionClaim claim, Action<Exception> failed)
{
    private Task _last = Task.CompletedTask;
    private Exception? _failure;

    public SessionClaim Claim => claim;

    /// <summary>Ends when the change, and every one before it, is stored. An empty change waits for those before it.</summary>
    public Task CommitAsync(SessionChanges change)
    {
        if (_failure is not null)
            return Task.FromException(_failure);

        return change.IsEmpty ? _last : _last = StoreAsync(change);
    }

    /// <summary>Ends when the store has said that the session is still this activation's own.</summary>
    public Task ConfirmAsync()
    {
        var change = new SessionChanges();
        change.Remove([]); // a field that there is never: the write is for the answer that comes with it
        return CommitAsync(change);
    }

    public Task<IReadOnlyList<byte[]>> ReadQueueAsync(long index, int count) => store.ReadQueue(claim, index, count);

    /// <summary>
    /// Ends the session; nothing is stored any more, and it is not a failure of the activation that it is not. Of a client's
    /// session its last epoch is remembered.
    /// </summary>
    public async Task DeleteAsync(long lastEpoch = 0)
    {
        _failure ??= new StoreUnavailableException($"The session of '{claim.ClientId}' has ended.");
        try
        {
            if (!await store.Delete(claim, lastEpoch))
                throw new StaleOwnerException($"session of '{claim.ClientId}'", claim.Owner);
        }
        catch (Exception failure)
        {
            failed(failure); // whether it is there is unknown: only a new activation can go on
            throw;
        }
    }

    private async Task StoreAsync(SessionChanges change)
    {
        try
        {
            await store.Commit(claim, change.ToChange());
        }
        catch (Exception failure)
        {
            if (_failure is null)
            {
                _failure = failure;
                failed(failure);
            }

            throw;
        }
    }
}
