using System.Collections.Concurrent;
using Microsoft.Extensions.Logging.Abstractions;
using Orleans.Mqtt.Gateway;
using Orleans.Mqtt.Gateway.Connections;
using Orleans.Mqtt.Gateway.Figures;
using Orleans.Mqtt.Gateway.Link;
using Orleans.Mqtt.Gateway.Security;
using Orleans.Mqtt.Gateway.Sharing;
using Orleans.Mqtt.Ingress;
using Orleans.Mqtt.Protocol;
using Orleans.Mqtt.Routing;
using Orleans.Mqtt.Security;
using Orleans.Mqtt.Sessions;

namespace Orleans.Mqtt.Tests.Unit.Gateway;

/// <summary>A gateway's parts without sockets and silos.</summary>
internal sealed class TestGateway
{
    public TestGateway(
        ISessionHostGrain? session = null, GatewayOptions? options = null, IRouteGrain? routes = null, TimeProvider? time = null)
    {
        Options = options ?? new GatewayOptions();
        routes ??= FakeGrain.Of<IRouteGrain>((nameof(IRouteGrain.Change), _ => Task.CompletedTask));
        var grains = FakeGrains.Of(_ => routes).With(_ => session!);
        time ??= new HastyTime();
        var identity = Identity;
        Subscribers = new SubscriberTable();
        Shares = new ShareTable(identity);
        Connections = new ConnectionTable();
        Announcer = new RouteAnnouncer(grains, identity, time, NullLogger<RouteAnnouncer>.Instance);
        Metrics = new GatewayMetrics(Meters.None);
        Desk = new GatewayDesk(
            identity, Connections, Subscribers, Shares, Metrics, Microsoft.Extensions.Options.Options.Create(Options), time);
        Downlink = new Downlink(identity, Subscribers, Shares, Connections, Metrics, Desk);
        SysTopics = new SysTopics(
            grains, Downlink, Microsoft.Extensions.Options.Options.Create(Options), time, NullLogger<SysTopics>.Instance);
        Parts = new GatewayParts(
            Microsoft.Extensions.Options.Options.Create(Options), Ingress, grains, NewDoorkeeper(time), new AllowAll(), Subscribers,
            Shares, SysTopics, Announcer, Connections, new Heartbeat(time), identity, Metrics, time, NullLogger<GatewayParts>.Instance);
    }

    public GatewayOptions Options { get; }

    public ScriptedIngress Ingress { get; } = new();

    public SubscriberTable Subscribers { get; }

    public GatewayIdentity Identity { get; } = new();

    public ShareTable Shares { get; }

    public ConnectionTable Connections { get; }

    public RouteAnnouncer Announcer { get; }

    public GatewayMetrics Metrics { get; }

    public GatewayDesk Desk { get; }

    public Downlink Downlink { get; }

    public SysTopics SysTopics { get; }

    public GatewayParts Parts { get; }

    public static Admission Admit(string clientId = "alice", bool isPersistent = false, params Subscription[] subscriptions) => new(
        new ClientIdentity(clientId, null), new ClientTerms(ProtocolVersion.V311), KeepAlive: 0,
        new SessionTicket { Epoch = 7, Publisher = 11, IsPersistent = isPersistent, Subscriptions = subscriptions });

    /// <summary>What a client of MQTT 5 says that says little.</summary>
    public static ClientTerms Terms5 { get; } = new(ProtocolVersion.V5) { WantsReasons = true };

    /// <summary>An outbox without a limit; of MQTT 3.1.1 unless the terms are others.</summary>
    public static Outbox NewOutbox(Wire wire, ClientTerms? terms = null, TimeProvider? time = null) =>
        new(wire.Output, terms ?? new ClientTerms(ProtocolVersion.V311), int.MaxValue, time ?? TimeProvider.System);

    public MqttConnection Connect(Wire wire, string clientId = "alice") => new(Parts, Admit(clientId), new TestTransport(wire));

    /// <summary>A client of MQTT 5.</summary>
    public MqttConnection Connect5(Wire wire, ClientTerms? terms = null) =>
        new(Parts, Admit() with { Terms = terms ?? Terms5 }, new TestTransport(wire));

    private Doorkeeper NewDoorkeeper(TimeProvider time)
    {
        var security = Microsoft.Extensions.Options.Options.Create(new SecurityOptions());
        return new Doorkeeper(
            new LetAllIn(), new AuthenticationMethods([]), new Throttle(security, time), security, Microsoft.Extensions.Options.Options.Create(Options), Metrics, time,
            NullLogger<Doorkeeper>.Instance);
    }

    private sealed class LetAllIn : IAuthenticator
    {
        public ValueTask<LoginVerdict> Authenticate(Credentials credentials, CancellationToken patience) =>
            ValueTask.FromResult(LoginVerdict.Accept(new ClientIdentity(credentials.ClientId, credentials.UserName)));
    }

    private sealed class AllowAll : IAuthorizer
    {
        public bool MayPublish(ClientIdentity client, ReadOnlySpan<byte> topic) => true;

        public bool MaySubscribe(ClientIdentity client, string filter, QoS qos) => true;
    }
}

/// <summary>An ingress that notes what it is given and answers as the test says.</summary>
internal sealed class ScriptedIngress : IIngress
{
    private readonly ConcurrentQueue<string> _routed = new();

    /// <summary>Payloads in the order in which they were routed, with their sequences where they have one.</summary>
    public IReadOnlyCollection<string> Routed => _routed;

    public Func<PublicationBatch, ValueTask> OnAdmit { get; set; } = _ => ValueTask.CompletedTask;

    public Func<PublicationBatch, ValueTask> OnRoute { get; set; } = _ => ValueTask.CompletedTask;

    public ValueTask Admit(PublicationBatch batch) => OnAdmit(batch);

    public ValueTask WaitForRoom() => ValueTask.CompletedTask;

    public ValueTask Route(PublicationBatch batch)
    {
        foreach (var record in batch.Records)
            _routed.Enqueue(Records.PayloadOf(record));
        return OnRoute(batch);
    }
}
