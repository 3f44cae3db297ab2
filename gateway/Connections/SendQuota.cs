namespace Orleans.Mqtt.Gateway.Connections;

/// <summary>
/// The Receive Maximum of a client of MQTT 5, for all that is sent to it: its own subscriptions and its shared ones know
/// nothing of each other. [MQTT-3.3.4-9]
/// </summary>
internal sealed class SendQuota(int maximum)
{
    private readonly Lock _gate = new();
    private int _taken;

    /// <summary>To be called before a PUBLISH of QoS 1 or 2 is sent; false when it must wait.</summary>
    public bool TryTake()
    {
        lock (_gate)
        {
            if (_taken == maximum)
                return false;
            _taken++;
            return true;
        }
    }

    /// <summary>The client is done with one. What an earlier connection began counts for nothing. [MQTT-3.3.4-10]</summary>
    public void Give()
    {
        lock (_gate)
            _taken = Math.Max(_taken - 1, 0);
    }
}
