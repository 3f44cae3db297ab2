using System.Text;
using Orleans.Mqtt.Grains.Storage;
using Orleans.Mqtt.Routing;

namespace Orleans.Mqtt.Grains.Sessions;

/// <summary>
/// The durable timer of a session that is away: one, for whatever comes first. It is set before that is stored, and goes
/// only after it was done; a timer that finds nothing to do does no harm.
/// </summary>
internal sealed class SessionTimers(DueStore due, SessionStore sessions)
{
    public Task SetAsync(string clientId, long? at) => at is { } milliseconds
        ? due.Set(RouteSlices.Of(clientId), MemberOf(clientId), DateTimeOffset.FromUnixTimeMilliseconds(milliseconds))
        : Task.CompletedTask;

    public Task RemoveAsync(string clientId) => due.Remove(RouteSlices.Of(clientId), MemberOf(clientId));

    /// <summary>A timer has come, and what was due is done: it goes, or waits for what is next.</summary>
    public async Task SettleAsync(string clientId, StoredSession? session)
    {
        if (session is null)
        {
            if (!await sessions.Exists(clientId))
                await RemoveAsync(clientId);
            return;
        }

        // Another activation may have the session by now, and the timer may be its own: whose it is, the store says.
        await session.Journal.ConfirmAsync();
        if (session.NextDue is { } next)
            await SetAsync(clientId, next);
        else
            await RemoveAsync(clientId);
    }

    private static byte[] MemberOf(string clientId) => Encoding.UTF8.GetBytes(clientId);
}
