using System.Diagnostics.Metrics;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Mqtt.Grains.Delivery;
using Orleans.Mqtt.Grains.Routing;
using Orleans.Mqtt.Grains.Sessions;
using Orleans.Mqtt.Grains.Sharing;
using Orleans.Mqtt.Grains.Storage;
using Orleans.Mqtt.Storage;

namespace Orleans.Mqtt.Grains;

/// <summary>
/// Every queue, buffer and cache of a silo with its limit (promise P7), looked at when somebody asks; the number of stored
/// sessions, which only the store knows, every few seconds.
/// </summary>
internal sealed class BrokerGauges : BackgroundService
{
    private static readonly TimeSpan _interval = TimeSpan.FromSeconds(10);

    private readonly SessionIndex _index;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly Meter _meter;
    private long _stored;

    public BrokerGauges(
        IMeterFactory meters, StoreWriter writer, RouteTable routes, SessionLanes lanes, SessionCensus census,
        ShareCensus shares, SessionIndex index, LinkRoom room, IOptions<SessionOptions> sessions, IOptions<StoreOptions> store,
        IOptions<RemoteGatewayOptions> links, TimeProvider time, ILogger<BrokerGauges> log)
    {
        (_index, _time, _log) = (index, time, log);
        _meter = meters.Create(BrokerMetrics.MeterName);
        Add(
            "store.pending", "By", () => writer.PendingBytes, (long)store.Value.PendingBytes * store.Value.Lanes,
            "On their way to the store.");
        Add("store.waiting", "{write}", () => writer.Waiting, null, "Writes that wait for room; their callers wait with them.");
        Add("lanes.waiting", "{message}", () => lanes.Waiting.Messages, null, "Copies for sessions; their publishers wait.");
        Add("lanes.waiting.data", "By", () => lanes.Waiting.Bytes, null, "Bytes of these.");
        Add(
            "gateways.waiting.highest", "By", () => MostWaiting(routes), links.Value.MaximumWaitingBytes,
            "Live messages that wait for one gateway apart.");
        Add("gateways.full", "{gateway}", () => room.Full, null, "Gateways that hold up publishers until they take more.");
        AddRoutes(routes);
        AddSessions(census, sessions.Value);
        Add("shares.active", "{share}", () => shares.Count, null, "Shared subscriptions in this silo's memory.");
        Add("shares.queued", "{message}", () => shares.Queued, null, "Messages in their queues.");
        Add(
            "shares.queued.highest", "{message}", () => shares.LongestQueue, sessions.Value.MaximumQueuedMessages,
            "In the longest of these queues.");
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var ticks = new PeriodicTimer(_interval, _time);
        do
        {
            try
            {
                Interlocked.Exchange(ref _stored, await _index.Count());
            }
            catch (StoreUnavailableException away)
            {
                _log.SessionsNotCounted(away.Message); // the number of before stands
            }
        }
        while (await ticks.WaitForNextTickAsync(stoppingToken));
    }

    private void AddRoutes(RouteTable routes)
    {
        Add("routes.filters", "{filter}", () => routes.Filters, null, "Filters that lead anywhere.");
        Add("routes.destinations", "{destination}", () => routes.Destinations, null, "Gateways and sessions with routes.");
        Add(
            "routes.cache.topics", "{topic}", () => routes.RememberedTopics, RouteTable.MostRememberedTopics,
            "Topics whose destinations are remembered.");
        Add(
            "routes.cache.destinations", "{destination}", () => routes.Remembered.Count, routes.Remembered.Limit,
            "Destinations in these answers.");
    }

    private void AddSessions(SessionCensus census, SessionOptions options)
    {
        Add("sessions.stored", "{session}", () => Interlocked.Read(ref _stored), null, "Persistent sessions of the cluster.");
        Add("sessions.active", "{session}", () => census.Count, null, "Sessions in this silo's memory.");
        Add("sessions.queued", "{message}", () => census.Take().Queued, null, "Messages in their queues.");
        Add(
            "sessions.queued.highest", "{message}", () => census.Take().LongestQueue, options.MaximumQueuedMessages,
            "In the longest of these queues.");
        Add("sessions.memory", "{message}", () => census.Take().InMemory, null, "Messages of queues that are in memory.");
        Add(
            "sessions.memory.highest", "{message}", () => census.Take().MostInMemory, options.MessagesInMemory,
            "Those of one queue.");
        Add("sessions.inflight", "{message}", () => census.Take().InFlight, null, "Messages that clients have not acknowledged.");
        Add(
            "sessions.publishers.highest", "{publisher}", () => census.Take().MostPublishers, options.RememberedPublishers,
            "Publishers whose repetitions one session recognises.");
    }

    private static long MostWaiting(RouteTable routes) =>
        routes.Ports.OfType<RemoteGateway>().Select(gateway => (long)gateway.WaitingBytes).DefaultIfEmpty().Max();

    private void Add(string name, string unit, Func<long> value, long? limit, string description)
    {
        _meter.CreateObservableGauge($"mqtt.broker.{name}", value, unit, description);
        if (limit is { } most)
            _meter.CreateObservableGauge($"mqtt.broker.{name}.limit", () => most, unit, $"Limit of mqtt.broker.{name}.");
    }
}
