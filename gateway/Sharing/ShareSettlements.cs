using Microsoft.Extensions.Logging;
using Orleans.Mqtt.Gateway.Connections;
using Orleans.Mqtt.Gateway.Link;
using Orleans.Mqtt.Protocol;
using Orleans.Mqtt.Sessions;
using Orleans.Mqtt.Sharing;

namespace Orleans.Mqtt.Gateway.Sharing;

/// <summary>Towards the shares of one client: what the client acknowledged, one call a share for each read.</summary>
internal sealed class ShareSettlements(
    IGrainFactory grains, string clientId, Outbox outbox, TimeProvider time, ILogger log, CancellationToken gone)
{
    private readonly Lock _gate = new();
    private List<Acknowledgement> _gathered = [];

    public void Add(string filter, Settlement settlement, ushort packetId)
    {
        lock (_gate)
            _gathered.Add(new Acknowledgement(filter, settlement, packetId));
    }

    /// <summary>
    /// Tells the shares at once: calls need not wait for each other, since no two of them speak of one step of a packet.
    /// </summary>
    public void Send()
    {
        List<Acknowledgement> gathered;
        lock (_gate)
        {
            if (_gathered.Count == 0)
                return;
            gathered = _gathered;
            _gathered = [];
        }

        foreach (var share in gathered.GroupBy(acknowledgement => acknowledgement.Filter))
            _ = TellAsync(share.Key, [.. share]); // ends when the share knows, or with the connection
    }

    private async Task TellAsync(string filter, Acknowledgement[] said)
    {
        try
        {
            var settlements = Array.ConvertAll(said, acknowledgement => acknowledgement.Settlement);
            await Patience.UntilDoneAsync(
                () => grains.GetGrain<IShareGrain>(filter).Settle(clientId, settlements), time, log, gone);
        }
        catch (Exception) when (gone.IsCancellationRequested)
        {
            return; // nobody is there to be told any more
        }

        // The share has it in writing that the client owns these: now the client may be told to go on. [MQTT-4.3.3-1]
        foreach (var acknowledgement in said)
        {
            if (acknowledgement.Settlement.Kind is SettlementKind.Received)
                outbox.WriteAck(PacketType.PubRel, acknowledgement.PacketId);
        }

        outbox.Flush();
    }

    private readonly record struct Acknowledgement(string Filter, Settlement Settlement, ushort PacketId);
}
