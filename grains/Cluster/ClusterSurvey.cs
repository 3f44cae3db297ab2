using Microsoft.Extensions.Logging;
using Orleans.Mqtt.Cluster;
using Orleans.Mqtt.Delivery;
using Orleans.Mqtt.Grains.Delivery;
using Orleans.Mqtt.Grains.Storage;
using Orleans.Mqtt.Routing;
using Orleans.Mqtt.Topics;

namespace Orleans.Mqtt.Grains.Cluster;

/// <summary>Asks every silo and every gateway how it is.</summary>
internal sealed class ClusterSurvey(
    IClusterMembershipService membership, SiloDeskClient silos, GatewayDesks desks, GatewayStore leases,
    SessionIndex sessions, IGrainFactory grains, TimeProvider time, ILogger<ClusterSurvey> log)
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(3);

    public Task<SiloState[]> SilosAsync() =>
        Task.WhenAll(membership.CurrentSnapshot.Members.Values
            .OrderBy(member => member.SiloAddress.ToString(), StringComparer.Ordinal)
            .Select(StateOfAsync));

    public async Task<GatewayState[]> GatewaysAsync() =>
        await Task.WhenAll((await leases.ReadLeases()).Where(lease => !WatchIds.IsWatch(lease.Key)).Select(async lease => new GatewayState
        {
            GatewayId = lease.Key,
            LeaseEnds = lease.Value,
            Report = await desks.AskAsync(lease.Key, desk => desk.Report()),
        }));

    public async Task<BrokerStatistics> StatisticsAsync()
    {
        var (silosAsked, gatewaysAsked, counted) = (SilosAsync(), GatewaysAsync(), sessions.Count());
        var retained = Task.WhenAll(Enumerable.Range(0, RouteSlices.Count)
            .Select(slice => grains.GetGrain<IRetainedGrain>(slice).Count()));
        var active = (await silosAsked).Where(silo => silo.Status == nameof(SiloStatus.Active)).ToArray();
        var gateways = await gatewaysAsked;
        var siloReports = active.Select(silo => silo.Report).OfType<SiloReport>().ToArray();
        var gatewayReports = gateways.Select(gateway => gateway.Report).OfType<GatewayReport>().ToArray();
        var persistent = await counted;
        return new BrokerStatistics
        {
            Silos = active.Length,
            Gateways = gateways.Length,
            ConnectedClients = gatewayReports.Sum(report => (long)report.Connections),
            PersistentSessions = persistent,
            DisconnectedSessions = Math.Max(0, persistent - gatewayReports.Sum(report => (long)report.PersistentConnections)),
            LiveSubscriptions = gatewayReports.Sum(report => (long)report.Subscriptions),
            Filters = siloReports.Select(report => report.Filters).DefaultIfEmpty().Max(),
            RetainedMessages = (await retained).Sum(),
            QueuedMessages = siloReports.Sum(report => report.QueuedMessages),
            MessagesReceived = gatewayReports.Sum(report => report.MessagesReceived),
            MessagesSent = gatewayReports.Sum(report => report.MessagesSent),
            PacketsReceived = gatewayReports.Sum(report => report.PacketsReceived),
            PacketsSent = gatewayReports.Sum(report => report.PacketsSent),
            BytesReceived = gatewayReports.Sum(report => report.BytesReceived),
            BytesSent = gatewayReports.Sum(report => report.BytesSent),
            MessagesRouted = siloReports.Sum(report => report.MessagesRouted),
            MessagesDropped = siloReports.Sum(report => report.MessagesDropped)
                + gatewayReports.Sum(report => report.MessagesDropped),
            MessagesRejected = siloReports.Sum(report => report.MessagesRejected),
            Unreachable =
            [
                .. active.Where(silo => silo.Report is null).Select(silo => silo.Address),
                .. gateways.Where(gateway => gateway.Report is null).Select(gateway => gateway.GatewayId),
            ],
        };
    }

    private async Task<SiloState> StateOfAsync(ClusterMember member) => new()
    {
        Address = member.SiloAddress.ToString(),
        Name = member.Name,
        Status = member.Status.ToString(),
        Report = member.Status is SiloStatus.Active ? await AskAsync(member.SiloAddress) : null,
    };

    private async Task<SiloReport?> AskAsync(SiloAddress silo)
    {
        try
        {
            return await silos.Of(silo).Report().WaitAsync(_patience, time);
        }
        catch (Exception failure)
        {
            log.SiloSilent(silo, failure.Message);
            return null;
        }
    }
}
