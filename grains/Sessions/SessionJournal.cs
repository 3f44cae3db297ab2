using Orleans.Mqtt.Grains.Storage;

namespace Orleans.Mqtt.Grains.Sessions;

/// <summary>
/// The durable memory of one session under one activation. Changes are stored in the order in which they are committed.
/// After a failure the outcome is unknown and nothing more is stored: only a new activation, which reads again, may go on.
/// </summary>
internal sealed class SessionJournal(SessionStore store, SessionClaim claim, Action<Exception> failed)
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

    public Task<IReadOnlyList<byte[]>> ReadQueueAsync(long index, int count) => store.ReadQueue(claim, index, count);

    public Task DeleteAsync() => store.Delete(claim);

    private async Task StoreAsync(SessionChanges change)
    {
        try
        {
            await store.Commit(claim, change.ToChange());
        }
        catch (Exception failure)
        {
            _failure ??= failure;
            failed(failure);
            throw;
        }
    }
}
