using Microsoft.AspNetCore.Http.Features;

namespace Orleans.Mqtt.Silo.Management;

/// <summary>Client ids in paths. A slash in one, sent as %2F, is left as it is by the server, so it is read anew here.</summary>
internal static class ClientIds
{
    public const string RouteValue = "clientId";

    public static void Restore(HttpContext context)
    {
        if (context.Request.RouteValues.GetValueOrDefault(RouteValue) is not string clientId
            || !clientId.Contains("%2F", StringComparison.OrdinalIgnoreCase)
            || context.Features.Get<IHttpRequestFeature>()?.RawTarget is not { } target)
        {
            return;
        }

        var parts = target.Split('?', 2)[0].Split('/');
        var at = Array.IndexOf(parts, "clients") + 1;
        if (at > 0 && at < parts.Length)
            context.Request.RouteValues[RouteValue] = Uri.UnescapeDataString(parts[at]);
    }
}
