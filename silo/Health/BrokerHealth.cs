using Microsoft.Extensions.Diagnostics.HealthChecks;
using Orleans.Mqtt.Grains;

namespace Orleans.Mqtt.Silo.Health;

/// <summary>Ready when the store can be reached: then what is acknowledged can be kept.</summary>
internal sealed class BrokerHealth(IStoreHealth store) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(
        HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(store.IsUp ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy("The store is away."));
}
