using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Mqtt.Gateway.Figures;
using Orleans.Mqtt.Gateway.Link;
using Orleans.Mqtt.Gateway.Security;
using Orleans.Mqtt.Gateway.Sharing;
using Orleans.Mqtt.Ingress;
using Orleans.Mqtt.Security;
using Orleans.Mqtt.Sessions;

namespace Orleans.Mqtt.Gateway.Connections;

/// <summary>What every connection of a gateway shares; one reference a connection instead of many.</summary>
internal sealed class GatewayParts(
    IOptions<GatewayOptions> options, IIngress ingress, IGrainFactory grains, Doorkeeper doorkeeper, IAuthorizer authorizer,
    SubscriberTable subscribers, ShareTable shares, SysTopics sysTopics, RouteAnnouncer announcer, ConnectionTable connections,
    Heartbeat heartbeat, GatewayIdentity identity, GatewayMetrics metrics, TimeProvider time, ILogger<GatewayParts> log, IGuestBook? guests = null)
{
    private readonly SessionReferences _sessions = new(grains);

    public GatewayOptions Options { get; } = options.Value;

    public IIngress Ingress => ingress;

    public IGrainFactory Grains => grains;

    public Doorkeeper Doorkeeper => doorkeeper;

    public IAuthorizer Authorizer => authorizer;

    public SubscriberTable Subscribers => subscribers;

    public ShareTable Shares => shares;

    public SysTopics SysTopics => sysTopics;

    public RouteAnnouncer Announcer => announcer;

    public ConnectionTable Connections => connections;

    public Heartbeat Heartbeat => heartbeat;

    public GatewayIdentity Identity => identity;

    public GatewayMetrics Metrics => metrics;

    public TimeProvider Time => time;

    public ILogger Log => log;

    /// <summary>Where there is one: who may come in without a grain.</summary>
    public IGuestBook? Guests => guests;

    public ISessionHostGrain SessionOf(string clientId) => _sessions.Of(clientId);
}
