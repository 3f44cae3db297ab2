using Orleans.Mqtt.Protocol;

namespace Orleans.Mqtt.Gateway.Connections;

/// <summary>Counts the QoS 1 and 2 messages of a client that are not acknowledged, and holds it to the limit it was told.</summary>
internal sealed class ReceiveWindow(int maximum)
{
    private int _open;

    public void Take()
    {
        if (Interlocked.Increment(ref _open) > maximum)
            ProtocolException.Throw(ReasonCode.ReceiveMaximumExceeded, $"More than {maximum} unacknowledged. [MQTT-3.3.4-7]");
    }

    /// <summary>To be called before the acknowledgement leaves: its receiver may send the next message at once.</summary>
    public void Give() => Interlocked.Decrement(ref _open);
}
