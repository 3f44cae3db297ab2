using System.Diagnostics.Metrics;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Orleans.Mqtt.Gateway.Connections;
using Orleans.Mqtt.Gateway.Link;
using Orleans.Mqtt.Gateway.Security;
using Orleans.Mqtt.Ingress;

namespace Orleans.Mqtt.Gateway;

/// <summary>
/// Every queue, buffer and cache of a gateway with its limit (promise P7), looked at when somebody asks. What has one limit
/// for each connection is shown as the sum and as the highest. Hosted so that it is there.
/// </summary>
internal sealed class GatewayGauges : IHostedService
{
    private readonly ConnectionTable _connections;
    private readonly TimeProvider _time;
    private readonly Meter _meter;
    private readonly Lock _gate = new();
    private Survey _survey = new(default, default, 0, 0);
    private long _surveyed;

    public GatewayGauges(
        IMeterFactory meters, IOptions<GatewayOptions> options, ConnectionTable connections, SubscriberTable subscribers,
        RouteAnnouncer announcer, Downlink downlink, IIngress ingress, Throttle throttle, IOptions<SecurityOptions> security,
        TimeProvider time)
    {
        _connections = connections;
        _time = time;
        _meter = meters.Create(GatewayMetrics.MeterName);
        AddConnections(options.Value);
        AddTables(subscribers, announcer, downlink);
        _meter.CreateObservableGauge(
            "mqtt.gateway.logins.waiting.limit", () => security.Value.MaximumWaitingLogins, "{connection}",
            "Limit of mqtt.gateway.logins.waiting.");
        Add("throttled", "{address}", () => throttle.Count, Throttle.MaximumAddresses, "Addresses whose logins have failed.");
        if (ingress is SiloLanes lanes)
            Add("lanes.waiting", "By", () => lanes.WaitingBytes, lanes.MostWaitingBytes, "Publications that wait for a silo.");
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private void AddConnections(GatewayOptions options)
    {
        _meter.CreateObservableGauge(
            "mqtt.gateway.connections.limit", () => options.MaximumConnections, "{connection}", "Most open connections.");
        Add("clients", "{client}", () => Look().Clients, null, "Connected clients.");
        Add("unsent", "By", () => Look().Sum.UnsentBytes, null, "Bytes that wait for slow clients.");
        Add("unsent.highest", "By", () => Look().Highest.UnsentBytes, options.MaximumUnsentBytes, "The slowest client's.");
        Add("full", "{client}", () => Look().Full, null, "Clients that get no QoS 0 and are not read from until they read.");
        Add("inflight", "{message}", () => Look().Sum.InFlight, null, "Messages that clients have not acknowledged.");
        Add(
            "inflight.highest", "{message}", () => Look().Highest.InFlight, options.MaximumInFlight,
            "One client's; that of a persistent session is limited by its silo.");
        Add("waiting", "{message}", () => Look().Sum.Waiting, null, "Messages behind the windows of clients.");
        Add("waiting.highest", "{message}", () => Look().Highest.Waiting, options.MaximumWaitingMessages, "One client's.");
        Add(
            "waiting.data.highest", "By", () => Look().Highest.WaitingBytes, options.MaximumWaitingBytes,
            "Bytes of one client's.");
        Add("unanswered", "{batch}", () => Look().Sum.UnansweredBatches, null, "Batches that are being stored.");
        Add(
            "unanswered.highest", "{batch}", () => Look().Highest.UnansweredBatches, options.MaximumUnansweredBatches,
            "One publisher's; at the limit it is not read from.");
        var (_, most) = _connections.Revocations;
        Add("revocations", "{epoch}", () => _connections.Revocations.Count, most, "Remembered take-overs.");
    }

    private void AddTables(SubscriberTable subscribers, RouteAnnouncer announcer, Downlink downlink)
    {
        Add("subscriptions", "{subscription}", () => subscribers.Count, null, "Subscriptions of connected clients.");
        Add(
            "cache.topics", "{topic}", () => subscribers.RememberedTopics, SubscriberTable.MostRememberedTopics,
            "Topics whose subscribers are remembered.");
        Add(
            "cache.subscribers", "{subscriber}", () => subscribers.Remembered.Count, subscribers.Remembered.Limit,
            "Subscribers in these answers.");
        Add("filters", "{filter}", () => announcer.Load.Filters, null, "Filters that the cluster sends us messages of.");
        Add("filters.pending", "{filter}", () => announcer.Load.Pending, null, "Those that it is being told of.");
        Add(
            "repeats.publishers", "{publisher}", () => downlink.Repeats.Count, downlink.Repeats.Limit,
            "Publishers whose repetitions are recognised.");
    }

    private void Add(string name, string unit, Func<long> value, long? limit, string description)
    {
        _meter.CreateObservableGauge($"mqtt.gateway.{name}", value, unit, description);
        if (limit is { } most)
            _meter.CreateObservableGauge($"mqtt.gateway.{name}.limit", () => most, unit, $"Limit of mqtt.gateway.{name}.");
    }

    /// <summary>One walk over all connections serves all gauges of one collection.</summary>
    private Survey Look()
    {
        lock (_gate)
        {
            if (_surveyed != 0 && _time.GetElapsedTime(_surveyed) < TimeSpan.FromMilliseconds(200))
                return _survey;

            _survey = Survey.Of(_connections.All);
            _surveyed = _time.GetTimestamp();
            return _survey;
        }
    }

    private sealed record Survey(ConnectionLoad Sum, ConnectionLoad Highest, int Clients, int Full)
    {
        public static Survey Of(MqttConnection[] connections)
        {
            var (sum, highest, full) = (default(ConnectionLoad), default(ConnectionLoad), 0);
            foreach (var connection in connections)
            {
                var load = connection.Load;
                sum = sum.Plus(load);
                highest = highest.Highest(load);
                full += load.IsFull ? 1 : 0;
            }

            return new Survey(sum, highest, connections.Length, full);
        }
    }
}
