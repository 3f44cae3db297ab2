using Microsoft.Extensions.Options;
using Orleans.Mqtt.Grains.Delivery;
using Orleans.Mqtt.Sessions;

namespace Orleans.Mqtt.Grains.Sessions;

/// <summary>What every session grain of a silo shares; one reference a grain instead of many.</summary>
internal sealed class SessionCollaborators(
    StoredSession.Loader loader, SessionLeases leases, SessionTimers timers, SessionSubscribing subscribing,
    RemoteGateways gateways, GatewayDesks desks, SessionCensus census, ClientEvents events, IOptions<SessionOptions> options,
    BrokerMetrics metrics, TimeProvider time, GuestBook? guests = null)
{
    public StoredSession.Loader Loader => loader;

    public SessionLeases Leases => leases;

    public SessionTimers Timers => timers;

    public SessionSubscribing Subscribing => subscribing;

    public RemoteGateways Gateways => gateways;

    public GatewayDesks Desks => desks;

    public ClientEvents Events => events;

    public SessionCensus Census => census;

    public GuestBook? Guests => guests;

    public TimeProvider Time => time;

    public BrokerMetrics Metrics => metrics;

    public bool AllowsExclusive => options.Value.ExclusiveSubscriptions;

    public bool StoresEphemeral => options.Value.StoreEphemeral;

    public bool QueuesQoS0 => options.Value.QueueQoS0;

    /// <summary>Our limit or the client's, whichever is smaller.</summary>
    public int WindowOf(SessionRequest request) => Math.Min(options.Value.MaximumInFlight, request.ReceiveMaximum);
}
