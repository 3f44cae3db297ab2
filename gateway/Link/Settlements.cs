using Microsoft.Extensions.Logging;
using Orleans.Mqtt.Gateway.Connections;
using Orleans.Mqtt.Protocol;
using Orleans.Mqtt.Sessions;

namespace Orleans.Mqtt.Gateway.Link;

/// <summary>Towards the session of a persistent client: what the client acknowledged, one call for each read.</summary>
internal sealed class Settlements(
    ISessionHostGrain session, long epoch, Outbox outbox, TimeProvider time, ILogger log, CancellationToken gone)
{
    private readonly List<Settlement> _gathered = [];

    public void Add(Settlement settlement) => _gathered.Add(settlement);

    /// <summary>
    /// Tells the session at once: calls need not wait for each other, since no two of them speak of one step of a packet.
    /// </summary>
    public void Send()
    {
        if (_gathered.Count == 0)
            return;

        var settlements = _gathered.ToArray();
        _gathered.Clear();
        _ = TellAsync(settlements); // ends when the session knows, or with the connection
    }

    private async Task TellAsync(Settlement[] settlements)
    {
        try
        {
            await Patience.UntilDoneAsync(() => session.Settle(epoch, settlements), time, log, gone);
        }
        catch (Exception over) when (over is StaleEpochException || gone.IsCancellationRequested)
        {
            return; // nobody is there to be told any more
        }

        // The session has it in writing that the client owns these: now the client may be told to go on. [MQTT-4.3.3-1]
        foreach (var settlement in settlements)
        {
            if (settlement.Kind is SettlementKind.Received)
                outbox.WriteAck(PacketType.PubRel, PacketIdentifiers.Of(settlement.Position));
        }

        outbox.Flush();
    }
}
