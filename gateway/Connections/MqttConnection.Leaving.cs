using Orleans.Mqtt.Protocol;
using Orleans.Mqtt.Sessions;

namespace Orleans.Mqtt.Gateway.Connections;

// How a connection is ended from here.
internal sealed partial class MqttConnection
{
    private static readonly TimeSpan _drainPatience = TimeSpan.FromSeconds(1);

    private ReasonCode? _drainFor;

    /// <summary>The tick at which its keep-alive runs out if nothing is heard.</summary>
    private int SilentTill => _allowedSilence == Never ? Never : Volatile.Read(ref _lastHeard) + _allowedSilence;

    public override int Check(int tick)
    {
        if (tick >= _departure.Deadline)
        {
            _departure.CutOff();
            return Never;
        }

        if (tick >= SilentTill)
            Close(ReasonCode.KeepAliveTimeout);
        if (tick >= _reauthentication?.Deadline)
            Close(ReasonCode.NotAuthorized);
        if (_departure.HasBegun)
            return _departure.Deadline;
        return Math.Min(SilentTill, _reauthentication?.Deadline ?? Never);
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
