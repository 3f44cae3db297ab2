using System.Net;
using Microsoft.AspNetCore.Http;

namespace Orleans.Mqtt.Gateway.Hosting.Admin;

/// <summary>Where operators get in, and what is there.</summary>
internal sealed record AdminAddress(IPEndPoint EndPoint)
{
    public const string ApiPath = "/api", MithqttPath = "/mqtt/clients", OpenApiPath = "/openapi";
    public const string MetricsPath = "/metrics", DashboardPath = "/dashboard";

    private static readonly string[] _paths = [ApiPath, MithqttPath, OpenApiPath, MetricsPath, DashboardPath];

    public bool IsLoopback => IPAddress.IsLoopback(EndPoint.Address);

    /// <summary>Whether the path is for operators only.</summary>
    public static bool Serves(PathString path) =>
        Array.Exists(_paths, start => path.StartsWithSegments(start, StringComparison.OrdinalIgnoreCase));
}
