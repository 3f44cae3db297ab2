using System.Diagnostics.Metrics;
using Orleans.Mqtt.Protocol;

namespace Orleans.Mqtt.Gateway;

/// <summary>What a gateway counts. Callers say what happened.</summary>
internal sealed class GatewayMetrics
{
    public const string MeterName = "Orleans.Mqtt.Gateway";

    private readonly UpDownCounter<long> _connections;
    private readonly Counter<long> _refused;
    private readonly Counter<long> _published;
    private readonly Counter<long> _dropped;
    private readonly Counter<long> _waitingFull;
    private readonly Counter<long> _lostInLane;
    private readonly Counter<long> _protocolErrors;
    private readonly UpDownCounter<long> _logins;

    public GatewayMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(MeterName);
        _connections = meter.CreateUpDownCounter<long>("mqtt.gateway.connections", "{connection}", "Open connections.");
        _refused = meter.CreateCounter<long>("mqtt.gateway.connections.refused", "{connection}", "CONNECTs refused.");
        _published = meter.CreateCounter<long>("mqtt.gateway.messages.received", "{message}", "PUBLISH from clients.");
        _dropped = meter.CreateCounter<long>(
            "mqtt.gateway.messages.dropped", "{message}", "QoS 0 messages dropped for slow clients.");
        _waitingFull = meter.CreateCounter<long>(
            "mqtt.gateway.waiting.full", "{message}", "QoS 1 and 2 messages dropped because too many waited for a client.");
        _lostInLane = meter.CreateCounter<long>(
            "mqtt.gateway.lane.lost", "{message}", "Messages not acknowledged, or of QoS 0, that no silo took.");
        _protocolErrors = meter.CreateCounter<long>(
            "mqtt.gateway.protocol.errors", "{connection}", "Connections closed because the client broke a rule.");
        _logins = meter.CreateUpDownCounter<long>(
            "mqtt.gateway.logins.waiting", "{connection}", "CONNECTs that wait for the verdict on their login.");
    }

    public void ConnectionOpened() => _connections.Add(1);

    public void ConnectionClosed() => _connections.Add(-1);

    public void Refused(ReasonCode reason) =>
        _refused.Add(1, new KeyValuePair<string, object?>("reason", reason.ToString()));

    public void Published(int count) => _published.Add(count);

    public void DroppedForSlowClient() => _dropped.Add(1);

    public void WaitingFull() => _waitingFull.Add(1);

    public void LostInLane(int count) => _lostInLane.Add(count);

    public void LoginBegun() => _logins.Add(1);

    public void LoginEnded() => _logins.Add(-1);

    public void ProtocolError() => _protocolErrors.Add(1);
}
