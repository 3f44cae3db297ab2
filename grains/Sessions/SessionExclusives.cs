using System.Text;
using Orleans.Mqtt.Grains.Storage;
using Orleans.Mqtt.Protocol;
using Orleans.Mqtt.Protocol.Topics;

namespace Orleans.Mqtt.Grains.Sessions;

/// <summary>
/// The filters that this session alone may hold. Each is noted in the session before it is asked for, and given back before
/// the note goes: whatever dies in between, the end of the session gives it back.
/// </summary>
internal sealed class SessionExclusives(string clientId, SessionJournal journal, ExclusiveStore store)
{
    private readonly HashSet<string> _noted = [];

    public void Restore(ReadOnlySpan<byte> name) => _noted.Add(Encoding.UTF8.GetString(name[1..]));

    public async Task<ReasonCode> ClaimAsync(string filter)
    {
        if (!ExclusiveFilter.TryParse(filter, out _))
            return ReasonCode.TopicFilterInvalid;

        var change = new SessionChanges();
        change.Set(SessionFields.Exclusive(filter), []);
        await journal.CommitAsync(change);
        _noted.Add(filter);
        if (await store.Claim(filter, clientId))
            return ReasonCode.Success;

        await ForgetAsync(filter);
        return ReasonCode.QuotaExceeded;
    }

    public async Task ReleaseAsync(IEnumerable<string> filters)
    {
        foreach (var filter in filters.Where(_noted.Contains).ToArray())
        {
            await store.Release(filter, clientId);
            await ForgetAsync(filter);
        }
    }

    /// <summary>The session ends; its notes go with it.</summary>
    public Task ReleaseAllAsync() => Task.WhenAll(_noted.Select(filter => store.Release(filter, clientId)));

    private async Task ForgetAsync(string filter)
    {
        var change = new SessionChanges();
        change.Remove(SessionFields.Exclusive(filter));
        await journal.CommitAsync(change);
        _noted.Remove(filter);
    }
}
