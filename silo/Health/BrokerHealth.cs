using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Orleans.Mqtt.Grains;

namespace Orleans.Mqtt.Silo.Health;

/// <summary>Ready when the store can be reached: then what is acknowledged can be kept.</summary>
internal sealed class BrokerHealth(IStoreHealth store) : IHealthCheck
{
    public const string Ready = "ready";

    public Task<HealthCheckResult> CheckHealthAsync(
        HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(store.IsUp ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy("The store is away."));
}

/// <summary>Where others ask after our health.</summary>
internal static class HealthEndpoints
{
    /// <summary>/health/live: the process answers. /health/ready: it can serve.</summary>
    public static void MapBrokerHealth(this WebApplication app)
    {
        app.MapHealthChecks("/health/live", new HealthCheckOptions { Predicate = _ => false });
        app.MapHealthChecks(
            "/health/ready", new HealthCheckOptions { Predicate = check => check.Tags.Contains(BrokerHealth.Ready) });
    }
}
