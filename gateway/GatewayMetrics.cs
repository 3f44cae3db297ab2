using System.Diagnostics.Metrics;
using Orleans.Mqtt.Gateway.Figures;
using Orleans.Mqtt.Protocol;

namespace Orleans.Mqtt.Gateway;

/// <summary>What a gateway counts. Callers say what happened.</summary>
internal sealed class GatewayMetrics
{
    public const string MeterName = "Orleans.Mqtt.Gateway";

    private readonly UpDownCounter<long> _connections;
    private readonly Counter<long> _refused;
    private readonly Counter<long> _denied;
    private readonly Counter<long> _waitingFull;
    private readonly Counter<long> _lostInLane;
    private readonly UpDownCounter<long> _logins;
    private long _published;
    private long _dropped;
    private long _protocolErrors;

    public GatewayMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(MeterName);
        _connections = meter.CreateUpDownCounter<long>("mqtt.gateway.connections", "{connection}", "Open connections.");
        _refused = meter.CreateCounter<long>("mqtt.gateway.connections.refused", "{connection}", "CONNECTs refused.");
        _denied = meter.CreateCounter<long>(
            "mqtt.gateway.access.denied", "{request}", "Publications and subscriptions that the access rules denied.");
        meter.CreateObservableCounter(
            "mqtt.gateway.messages.received", () => PublishedTotal, "{message}", "PUBLISH from clients.");
        meter.CreateObservableCounter(
            "mqtt.gateway.messages.sent", () => Traffic.MessagesSent, "{message}", "PUBLISH to clients.");
        meter.CreateObservableCounter(
            "mqtt.gateway.packets.received", () => Traffic.Packets.Received, "{packet}", "MQTT packets from clients.");
        meter.CreateObservableCounter(
            "mqtt.gateway.packets.sent", () => Traffic.Packets.Sent, "{packet}", "MQTT packets to clients.");
        meter.CreateObservableCounter(
            "mqtt.gateway.received", () => Traffic.Bytes.Received, "By", "Bytes of MQTT packets from clients.");
        meter.CreateObservableCounter(
            "mqtt.gateway.sent", () => Traffic.Bytes.Sent, "By", "Bytes of MQTT packets to clients.");
        meter.CreateObservableCounter(
            "mqtt.gateway.messages.dropped", () => DroppedTotal, "{message}", "QoS 0 messages dropped for slow clients.");
        _waitingFull = meter.CreateCounter<long>(
            "mqtt.gateway.waiting.full", "{message}", "QoS 1 and 2 messages dropped because too many waited for a client.");
        _lostInLane = meter.CreateCounter<long>(
            "mqtt.gateway.lane.lost", "{message}", "Messages not acknowledged, or of QoS 0, that no silo took.");
        meter.CreateObservableCounter(
            "mqtt.gateway.protocol.errors", () => ProtocolErrorTotal, "{connection}",
            "Connections closed because the client broke a rule.");
        _logins = meter.CreateUpDownCounter<long>(
            "mqtt.gateway.logins.waiting", "{connection}", "CONNECTs that wait for the verdict on their login.");
    }

    public Traffic Traffic { get; } = new();

    public long PublishedTotal => Interlocked.Read(ref _published);

    public long DroppedTotal => Interlocked.Read(ref _dropped);

    public long ProtocolErrorTotal => Interlocked.Read(ref _protocolErrors);

    public void ConnectionOpened() => _connections.Add(1);

    public void ConnectionClosed() => _connections.Add(-1);

    public void Refused(ReasonCode reason) =>
        _refused.Add(1, new KeyValuePair<string, object?>("reason", reason.ToString()));

    public void DeniedPublish() => _denied.Add(1, new KeyValuePair<string, object?>("action", "publish"));

    public void DeniedSubscribe() => _denied.Add(1, new KeyValuePair<string, object?>("action", "subscribe"));

    public void Published(int count) => Interlocked.Add(ref _published, count);

    public void DroppedForSlowClient() => Interlocked.Increment(ref _dropped);

    public void WaitingFull() => _waitingFull.Add(1);

    public void LostInLane(int count) => _lostInLane.Add(count);

    public void LoginBegun() => _logins.Add(1);

    public void LoginEnded() => _logins.Add(-1);

    public void ProtocolError() => Interlocked.Increment(ref _protocolErrors);
}
