using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;
using Orleans.Mqtt.Gateway.Connections;

namespace Orleans.Mqtt.Gateway.Listeners;

/// <summary>
/// MQTT over WebSockets, chapter 6. It stands before everything else that the process serves: a connection to a ws listener gets
/// this and nothing more, so that no page of the admin address is reached through it.
/// </summary>
internal sealed class WebSocketEndpoint(MqttConnectionHandler handler, IOptions<GatewayOptions> options, TimeProvider time)
    : IStartupFilter
{
    // The second is what clients of MQTT 3.1 say, which had no chapter on WebSockets.
    private static readonly string[] _subprotocols = ["mqtt", "mqttv3.1"];

    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.MapWhen(
            context => context.Features.Get<ListenerFeature>() is not null,
            clients => clients.UseWebSockets(new WebSocketOptions { KeepAliveInterval = TimeSpan.Zero }).Run(ServeAsync));
        next(app);
    };

    private async Task ServeAsync(HttpContext context)
    {
        var listener = context.Features.GetRequiredFeature<ListenerFeature>();
        if (Refusal(context, listener.Address) is var (status, reason))
        {
            context.Response.StatusCode = status;
            context.Response.Headers.Connection = "close";
            await context.Response.WriteAsync(reason);
            return;
        }

        context.Features.Get<UpgradeDeadline.Wait>()?.IsOver(); // from here on the wait for CONNECT has the deadline
        using var socket = await context.WebSockets.AcceptWebSocketAsync(SubprotocolOf(context)); // [MQTT-6.0.0-4]
        await using var transport = new WebSocketTransport(socket, context, time);
        await transport.RunAsync(handler);
    }

    private static string? SubprotocolOf(HttpContext context) =>
        Array.Find(_subprotocols, context.WebSockets.WebSocketRequestedProtocols.Contains);

    private (int Status, string Reason)? Refusal(HttpContext context, ListenAddress address)
    {
        if (context.Request.Path != address.Path)
            return (StatusCodes.Status404NotFound, "MQTT is elsewhere on this server.");
        if (!context.WebSockets.IsWebSocketRequest)
            return (StatusCodes.Status400BadRequest, "MQTT is spoken over a WebSocket here.");
        if (SubprotocolOf(context) is null) // [MQTT-6.0.0-3]
            return (StatusCodes.Status400BadRequest, "The subprotocol \"mqtt\" is not offered.");

        // A page of any site can open a WebSocket to any address that its reader's browser reaches.
        var allowed = options.Value.AllowedOrigins;
        return allowed.Count > 0 && context.Request.Headers.Origin is [{ } origin] && !allowed.Contains(origin, StringComparer.OrdinalIgnoreCase)
            ? (StatusCodes.Status403Forbidden, "Pages of this origin are not served.")
            : null;
    }
}
