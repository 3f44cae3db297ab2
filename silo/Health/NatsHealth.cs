using Microsoft.Extensions.Diagnostics.HealthChecks;
using Orleans.Mqtt.Silo.Nats;

namespace Orleans.Mqtt.Silo.Health;

/// <summary>Where the mirror is required: ready while NATS takes the copies, since nothing is acknowledged without.</summary>
internal sealed class NatsHealth(NatsSender sender) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(
        HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(sender.IsReady ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy("NATS is away."));
}
