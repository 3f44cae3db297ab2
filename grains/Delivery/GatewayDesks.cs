using Microsoft.Extensions.Logging;
using Orleans.Mqtt.Delivery;
using Orleans.Mqtt.Grains.Routing;
using Orleans.Mqtt.Grains.Storage;
using Orleans.Mqtt.Storage;

namespace Orleans.Mqtt.Grains.Delivery;

/// <summary>Asks gateways. One that hangs must not make whoever asks hang for as long as a call may take.</summary>
internal sealed class GatewayDesks(
    RemoteGateways gateways, RouteTable routes, GatewayStore leases, TimeProvider time, ILogger<GatewayDesks> log)
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(3);

    /// <summary>What one gateway says; null when it is out of reach or does not answer in time.</summary>
    public async Task<T?> AskAsync<T>(string gatewayId, Func<IGatewayDesk, Task<T>> question)
        where T : class?
    {
        try
        {
            return await FromSilo(() => DemandAsync(gatewayId, question)).WaitAsync(_patience, time);
        }
        catch (Exception failure)
        {
            log.DeskSilent(gatewayId, failure.Message);
            return null;
        }
    }

    /// <summary>Has a gateway do something; fails when it is not known that it did.</summary>
    public Task<T> DemandAsync<T>(string gatewayId, Func<IGatewayDesk, Task<T>> order) => FromSilo(async () =>
        await gateways.ReachAsync(gatewayId) is { } port
            ? await order(port.Desk)
            : throw new TimeoutException($"Gateway {gatewayId} is out of reach."));

    /// <summary>What every gateway says, and the names of those that do not answer.</summary>
    public async Task<(T[] Answers, string[] Silent)> AskAllAsync<T>(Func<IGatewayDesk, Task<T>> question)
        where T : class
    {
        var all = await AllAsync();
        var answers = await Task.WhenAll(all.Select(gatewayId => AskAsync(gatewayId, question)));
        return ([.. answers.OfType<T>()], [.. all.Where((_, index) => answers[index] is null)]);
    }

    /// <summary>Those with a lease and clients; while the store is away, those that this silo has a way to.</summary>
    private async Task<string[]> AllAsync()
    {
        try
        {
            return [.. (await leases.ReadLeases()).Keys.Where(gatewayId => !WatchIds.IsWatch(gatewayId))];
        }
        catch (StoreUnavailableException)
        {
            return [.. routes.Ports.Select(port => port.GatewayId).Where(gatewayId => !WatchIds.IsWatch(gatewayId))];
        }
    }

    // Asked by the silo, not by the grain that wants to know: the answer to a stateless worker could be taken to another
    // silo, whose own worker knows nothing of it.
    private static Task<T> FromSilo<T>(Func<Task<T>> call) => Task.Run(call);
}
