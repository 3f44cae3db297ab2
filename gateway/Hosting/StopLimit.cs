using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Orleans.Mqtt.Gateway.Hosting;

/// <summary>
/// Ends a process that was told to stop and does not: Orleans tells its membership table of the end, again and again, and
/// with a store that hangs that takes minutes. Nothing is lost by it, for what is acknowledged is stored.
/// </summary>
internal static class StopLimit
{
    /// <summary>Beyond the time in which everything that stops in order has to.</summary>
    private static readonly TimeSpan _grace = TimeSpan.FromSeconds(5);

    public static void Watch(WebApplication app)
    {
        var limit = app.Services.GetRequiredService<IOptions<HostOptions>>().Value.ShutdownTimeout + _grace;
        app.Lifetime.ApplicationStopping.Register(() => _ = EndAsync(limit)); // the process is over before it can fail
    }

    private static async Task EndAsync(TimeSpan limit)
    {
        await Task.Delay(limit);
        await Console.Error.WriteLineAsync($"Orleans.Mqtt did not stop in order within {limit.TotalSeconds} seconds and ends now.");
        Environment.Exit(1);
    }
}
