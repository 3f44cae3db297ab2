using System.Diagnostics.Metrics;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Orleans.Mqtt.Gateway.Hosting.Admin;

/// <summary>
/// Stands before everything on the admin address but the health checks. With keys it wants one. Without, it serves this
/// machine only, and sees to it that no web page can use the operator's browser to get in: neither by a name of its own that
/// leads to this machine (the Host header tells) nor by a form that it sends here (the Origin header tells).
/// </summary>
internal sealed class AdminGuard
{
    private const string Bearer = "Bearer ", Basic = "Basic ", KeyHeader = "X-Api-Key";

    private readonly RequestDelegate _next;
    private readonly AdminAddress _address;
    private readonly ApiKeys _keys;
    private readonly int _mostRequests;
    private readonly ILogger _log;
    private int _requests;

    public AdminGuard(
        RequestDelegate next, AdminAddress address, IOptions<AdminOptions> options, IMeterFactory meters,
        ILogger<AdminGuard> log)
    {
        _next = next;
        _address = address;
        _keys = new ApiKeys(options.Value.ApiKeys);
        _mostRequests = options.Value.MaximumRequests;
        _log = log;
        var meter = meters.Create(GatewayMetrics.MeterName);
        meter.CreateObservableGauge("mqtt.admin.requests", () => _requests, "{request}", "Requests to the admin address.");
        meter.CreateObservableGauge(
            "mqtt.admin.requests.limit", () => _mostRequests, "{request}", "Limit of mqtt.admin.requests.");
    }

    public async Task InvokeAsync(HttpContext context)
    {
        // What is meant for operators is not to be reached by other ways, such as a listener for WebSockets.
        if (context.Connection.LocalPort != _address.EndPoint.Port)
        {
            if (AdminAddress.Serves(context.Request.Path))
                context.Response.StatusCode = StatusCodes.Status404NotFound;
            else
                await _next(context);
            return;
        }

        if (context.Request.Path.StartsWithSegments("/health", StringComparison.OrdinalIgnoreCase))
        {
            await _next(context);
            return;
        }

        if (Judge(context) is { } refusal)
        {
            _log.AdminRefused(context.Connection.RemoteIpAddress, refusal.Detail);
            await refusal.WriteAsync(context);
            return;
        }

        try
        {
            if (Interlocked.Increment(ref _requests) > _mostRequests)
                await Refusal.Busy.WriteAsync(context);
            else
                await _next(context);
        }
        finally
        {
            Interlocked.Decrement(ref _requests);
        }
    }

    private Refusal? Judge(HttpContext context)
    {
        var request = context.Request;
        var isBrowsing = request.Path.StartsWithSegments(AdminAddress.DashboardPath, StringComparison.OrdinalIgnoreCase);
        if ((isBrowsing || !_keys.Any) && JudgePlace(context) is { } wrongPlace)
            return wrongPlace;

        if (_keys.Any && !_keys.Have(KeyOf(request, isBrowsing)))
            return isBrowsing ? Refusal.NoLogin : Refusal.NoKey;

        // A browser says which page sends a form, and other programs say nothing. Reading does no harm: no page can see
        // the answer.
        var isReading = HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method);
        return isReading || request.Headers.Origin is not [{ } origin] || origin == $"{request.Scheme}://{request.Host}"
            ? null
            : Refusal.WrongOrigin;
    }

    private static Refusal? JudgePlace(HttpContext context)
    {
        // A proxy on this machine speaks for others.
        var isForwarded = context.Request.Headers.ContainsKey("X-Forwarded-For") || context.Request.Headers.ContainsKey("Forwarded");
        if (isForwarded || context.Connection.RemoteIpAddress is not { } remote || !IPAddress.IsLoopback(remote))
            return Refusal.NotLocal;

        var host = context.Request.Host.Host;
        var isLocal = string.Equals(host, "localhost", StringComparison.OrdinalIgnoreCase)
            || (IPAddress.TryParse(host, out var address) && IPAddress.IsLoopback(address));
        return isLocal ? null : Refusal.WrongHost;
    }

    /// <summary>A browser can be logged in to the dashboard, which only shows: there the password is a key.</summary>
    private static string? KeyOf(HttpRequest request, bool isBrowsing)
    {
        if (request.Headers[KeyHeader] is [{ } key])
            return key;

        var authorization = request.Headers.Authorization is [{ } header] ? header : "";
        if (authorization.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase))
            return authorization[Bearer.Length..].Trim();

        return isBrowsing && authorization.StartsWith(Basic, StringComparison.OrdinalIgnoreCase)
            ? PasswordOf(authorization[Basic.Length..].Trim())
            : null;
    }

    private static string? PasswordOf(string credentials)
    {
        var bytes = new byte[credentials.Length];
        return Convert.TryFromBase64String(credentials, bytes, out var length)
            && Encoding.UTF8.GetString(bytes, 0, length).Split(':', 2) is [_, var password]
                ? password
                : null;
    }
}
