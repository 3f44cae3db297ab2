using Microsoft.Extensions.Logging;
using Orleans.Mqtt.Gateway.Connections;
using Orleans.Mqtt.Protocol;
using Orleans.Mqtt.Sessions;

namespace Orleans.Mqtt.Gateway.Link;

/// <summary>
/// Towards the session of a persistent client: what the client acknowledged. One call is on its way; what comes
/// meanwhile is the next one.
/// </summary>
internal sealed class Settlements(
    ISessionHostGrain session, long epoch, Outbox outbox, TimeProvider time, ILogger log, CancellationToken gone)
{
    private readonly Lock _gate = new();
    private List<Settlement> _gathered = [];
    private bool _isRunning;

    public void Add(Settlement settlement)
    {
        lock (_gate)
            _gathered.Add(settlement);
    }

    /// <summary>Sends what has gathered, unless a call is on its way: then its end does.</summary>
    public void Start()
    {
        lock (_gate)
        {
            if (_isRunning || _gathered.Count == 0)
                return;
            _isRunning = true;
        }

        _ = RunAsync(); // ends with what was gathered or with the connection
    }

    private async Task RunAsync()
    {
        while (TryTake(out var settlements))
        {
            if (!await TellAsync(settlements))
                return;

            // The session has it in writing that the client owns these: now the client may be told to go on. [MQTT-4.3.3-1]
            foreach (var settlement in settlements)
            {
                if (settlement.Kind is SettlementKind.Received)
                    outbox.WriteAck(PacketType.PubRel, PacketIdentifiers.Of(settlement.Position));
            }

            outbox.Flush();
        }
    }

    private bool TryTake(out Settlement[] settlements)
    {
        lock (_gate)
        {
            settlements = [.. _gathered];
            _gathered = [];
            return _isRunning = settlements.Length > 0;
        }
    }

    /// <summary>False when there is nobody to tell any more. Telling a thing twice does no harm.</summary>
    private async Task<bool> TellAsync(Settlement[] settlements)
    {
        try
        {
            await Patience.UntilDoneAsync(() => session.Settle(epoch, settlements), time, log, gone);
            return true;
        }
        catch (Exception over) when (over is StaleEpochException || gone.IsCancellationRequested)
        {
            return false;
        }
    }
}
