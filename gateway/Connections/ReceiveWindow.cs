using Orleans.Mqtt.Protocol;

namespace Orleans.Mqtt.Gateway.Connections;

/// <summary>
/// What a client has under way towards us: how many QoS 1 and 2 messages, held to the limit that it was told, and which
/// packets of QoS 2 are between PUBLISH and PUBREL. Taken by the read loop, given back also by the answers beside it. A
/// client older than MQTT 5 has no limit, and its answers give nothing back: then this costs nothing.
/// </summary>
internal sealed class ReceiveWindow(int? maximum)
{
    private HashSet<ushort>? _received; // made with the first of them
    private int _open;

    private HashSet<ushort> Received => LazyInitializer.EnsureInitialized(ref _received);

    /// <summary>False for a QoS 2 packet that is under way already.</summary>
    public bool TryTake(QoS qos, ushort packetId)
    {
        if (maximum is null)
            return qos is not QoS.ExactlyOnce || Received.Add(packetId);

        if (qos is QoS.ExactlyOnce)
        {
            lock (Received)
            {
                if (!Received.Add(packetId))
                    return false;
            }
        }

        if (Interlocked.Increment(ref _open) > maximum)
            ProtocolException.Throw(ReasonCode.ReceiveMaximumExceeded, $"More than {maximum} unacknowledged. [MQTT-3.3.4-7]");
        return true;
    }

    /// <summary>
    /// To be called before PUBACK leaves, or a PUBREC that refuses: whoever hears it may send the next message at once.
    /// </summary>
    public void GiveBack(QoS qos, ushort packetId)
    {
        if (qos is QoS.AtLeastOnce)
            Interlocked.Decrement(ref _open);
        else
            Release(packetId);
    }

    /// <summary>PUBREL came, or nothing is to come for the packet any more; false when it was not under way.</summary>
    public bool Release(ushort packetId)
    {
        if (maximum is null)
            return Received.Remove(packetId);

        lock (Received)
        {
            if (!Received.Remove(packetId))
                return false;
        }

        Interlocked.Decrement(ref _open);
        return true;
    }
}
