using Orleans.Mqtt.Mirroring;
using Orleans.Mqtt.Protocol;
using Orleans.Mqtt.Sessions;

namespace Orleans.Mqtt.Grains.Sessions;

/// <summary>Tells the mirror, where there is one that wants to hear it, what becomes of clients.</summary>
internal sealed class ClientEvents(ITrafficMirror? mirror = null)
{
    public bool AreWanted => mirror is { HearsOfClients: true };

    public void Connected(string clientId, long epoch, SessionRequest request, bool isPresent)
    {
        if (!AreWanted)
            return;

        mirror!.Tell(new ClientEvent(ClientEventKind.Connected, clientId, epoch)
        {
            UserName = request.UserName,
            RemoteAddress = request.RemoteAddress,
            GatewayId = request.GatewayId,
            Version = request.Version,
            CleanStart = request.CleanStart,
            SessionExpiry = request.SessionExpiry,
            SessionPresent = isPresent,
        });
    }

    /// <param name="clientId">Who.</param>
    /// <param name="live">The connection that has ended.</param>
    /// <param name="closedWith">Why the broker closed it; null when the broker did not.</param>
    /// <param name="reason">Otherwise: whether the client said so.</param>
    public void Disconnected(string clientId, LiveConnection live, ReasonCode? closedWith, CloseReason reason)
    {
        if (!AreWanted)
            return;

        mirror!.Tell(new ClientEvent(ClientEventKind.Disconnected, clientId, live.Epoch)
        {
            UserName = live.UserName,
            GatewayId = live.GatewayId,
            Reason = closedWith?.ToString() ?? reason.ToString(),
        });
    }

    public void Subscribed(string clientId, long epoch, Subscription[] subscriptions)
    {
        if (AreWanted && subscriptions.Length > 0)
            mirror!.Tell(new ClientEvent(ClientEventKind.Subscribed, clientId, epoch) { Subscriptions = subscriptions });
    }

    public void Unsubscribed(string clientId, long epoch, string[] filters)
    {
        if (AreWanted && filters.Length > 0)
            mirror!.Tell(new ClientEvent(ClientEventKind.Unsubscribed, clientId, epoch) { Filters = filters });
    }
}
