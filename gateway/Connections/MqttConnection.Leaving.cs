using Orleans.Mqtt.Protocol;
using Orleans.Mqtt.Sessions;

namespace Orleans.Mqtt.Gateway.Connections;

// How a connection is ended from here.
internal sealed partial class MqttConnection
{
    private static readonly TimeSpan _drainPatience = TimeSpan.FromSeconds(1);

    private ReasonCode? _drainFor;

    public void Check(int tick)
    {
        _departure.Check(tick);
        if (tick - Volatile.Read(ref _lastHeard) > _allowedSilence)
            Close(ReasonCode.KeepAliveTimeout);
        if (_reauthentication?.IsOverdue(tick) == true)
            Close(ReasonCode.NotAuthorized);
    }

    /// <summary>Ends the connection: nothing more is sent or acknowledged. An older client than of MQTT 5 is not told why.</summary>
    public void Close(ReasonCode reason) => _departure.Begin(reason);

    /// <summary>Ends the connection in order: what the client has said is answered first.</summary>
    public void Drain(ReasonCode reason)
    {
        _drainFor = reason;
        _transport.Transport.Input.CancelPendingRead();
    }

    private async Task LeaveAsync()
    {
        if (_drainFor is not { } reason)
            return;

        try
        {
            await _inbound.Answering.WaitAsync(_drainPatience, _gateway.Time);
        }
        catch (TimeoutException)
        {
            // the store is away: unanswered, it will be said again elsewhere
        }

        // Who cannot be told is left as it is: the transport sends what it has, and hangs up when nobody serves it any more.
        if (Version is ProtocolVersion.V5)
            Close(reason);
    }

    private void Fail(Exception failure)
    {
        if (failure is StaleEpochException)
        {
            _departure.Begin(ReasonCode.SessionTakenOver);
            return;
        }

        if (failure is not OperationCanceledException)
            _gateway.Log.NotStored(failure.Message);
        _departure.Begin(ReasonCode.ServerBusy, "A message could not be stored in time; it may be sent again.");
    }
}
