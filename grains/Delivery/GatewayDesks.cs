using Microsoft.Extensions.Logging;
using Orleans.Mqtt.Delivery;
using Orleans.Mqtt.Grains.Routing;

namespace Orleans.Mqtt.Grains.Delivery;

/// <summary>Asks gateways. One that hangs must not make whoever asks hang for as long as a call may take.</summary>
internal sealed class GatewayDesks(RouteTable routes, TimeProvider time, ILogger<GatewayDesks> log)
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(3);

    /// <summary>What one gateway says; null when it is out of reach or does not answer in time.</summary>
    public async Task<T?> AskAsync<T>(string gatewayId, Func<IGatewayDesk, Task<T>> question)
        where T : class?
    {
        if (routes.PortOf(gatewayId) is not { } port)
            return null;

        try
        {
            return await FromSilo(() => question(port.Desk)).WaitAsync(_patience, time);
        }
        catch (Exception failure)
        {
            log.DeskSilent(gatewayId, failure.Message);
            return null;
        }
    }

    /// <summary>Has a gateway do something; fails when it is not known that it did.</summary>
    public Task<T> DemandAsync<T>(string gatewayId, Func<IGatewayDesk, Task<T>> order) =>
        routes.PortOf(gatewayId) is { } port
            ? FromSilo(() => order(port.Desk))
            : throw new TimeoutException($"Gateway {gatewayId} is out of reach.");

    /// <summary>What every gateway says, and the names of those that do not answer.</summary>
    public async Task<(T[] Answers, string[] Silent)> AskAllAsync<T>(Func<IGatewayDesk, Task<T>> question)
        where T : class
    {
        var ports = routes.Ports;
        var answers = await Task.WhenAll(ports.Select(port => AskAsync(port.GatewayId, question)));
        return (
            [.. answers.OfType<T>()],
            [.. ports.Where((_, index) => answers[index] is null).Select(port => port.GatewayId)]);
    }

    // Asked by the silo, not by the grain that wants to know: the answer to a stateless worker would be taken to whichever
    // silo the gateway sends it through, and its own worker there knows nothing of it.
    private static Task<T> FromSilo<T>(Func<Task<T>> call) => Task.Run(call);
}
