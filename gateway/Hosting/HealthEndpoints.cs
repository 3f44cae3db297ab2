using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Orleans.Mqtt.Gateway.Link;

namespace Orleans.Mqtt.Gateway.Hosting;

/// <summary>Where others ask after the health of a process.</summary>
internal static class HealthEndpoints
{
    /// <summary>The tag of checks that decide whether the process can serve.</summary>
    public const string Ready = "ready";

    /// <summary>/health/live: the process answers. /health/ready: it can serve.</summary>
    public static void MapHealth(this WebApplication app)
    {
        app.MapHealthChecks("/health/live", new HealthCheckOptions { Predicate = _ => false });
        app.MapHealthChecks("/health/ready", new HealthCheckOptions { Predicate = check => check.Tags.Contains(Ready) });
    }
}

/// <summary>Ready while the cluster knows of the gateway.</summary>
internal sealed class LeaseHealth(Registration registration) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(
        HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(registration.IsRenewed ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy("No lease."));
}
