using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Mqtt.Client.Link;
using Orleans.Mqtt.Gateway.Hosting.Admin;
using Orleans.Mqtt.Gateway.Hosting.Transport;
using Orleans.Mqtt.Gateway.Listeners;

namespace Orleans.Mqtt.Gateway.Hosting;

/// <summary>A gateway in a process of its own: listeners, an Orleans client, health.</summary>
internal sealed class GatewayProcess : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly GatewayProcessOptions _options;
    private readonly IReadOnlyList<ListenAddress> _listeners;

    private GatewayProcess(WebApplication app, GatewayProcessOptions options, IReadOnlyList<ListenAddress> listeners)
    {
        _app = app;
        _options = options;
        _listeners = listeners;
    }

    /// <exception cref="StartFailure">A setting is wrong.</exception>
    public static GatewayProcess Build(string[] args)
    {
        var builder = WebApplication.CreateSlimBuilder(
            new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        var switches = Switches.NamesIn(args);
        builder.Configuration.AddCommandLine(args, Switches.Settings.ToDictionary());
        new KnownSettings(typeof(GatewayProcess).Assembly).Demand(switches, builder.Configuration);
        AddLog(builder.Logging);

        var options = Settings.Read<GatewayProcessOptions, GatewayProcessOptionsValidator>(
            builder.Configuration, GatewayProcessOptions.Section);
        var listeners = Addresses.DemandListeners(builder.Configuration);

        builder.AddAdmin(options.Admin);
        AddClient(builder, options);
        builder.AddMqttGatewayApart();
        builder.Services.AddHealthChecks().AddCheck<LeaseHealth>("lease", tags: [HealthEndpoints.Ready]);

        var app = builder.Build();
        app.Services.GetRequiredService<IStartupValidator>().Validate();
        app.UseAdmin();
        return new GatewayProcess(app, options, listeners);
    }

    public async Task RunAsync()
    {
        StopLimit.Watch(_app);
        await _app.StartAsync();
        Console.WriteLine($"Orleans.Mqtt gateway of cluster '{_options.Cluster}' is ready.");
        Console.WriteLine($"  MQTT    {string.Join(", ", _listeners.Select(listener => listener.Text))}");
        Console.WriteLine($"  admin   {_options.Admin} /health/ready /metrics");
        await _app.WaitForShutdownAsync();
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private static void AddLog(ILoggingBuilder log)
    {
        log.AddSimpleConsole(console =>
            {
                console.SingleLine = true;
                console.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ ";
                console.UseUtcTimestamp = true;
            })
            .AddFilter(null, LogLevel.Warning)
            .AddFilter("Orleans.Mqtt", LogLevel.Information)
            .AddFilter("Microsoft.Extensions.Diagnostics.HealthChecks", LogLevel.None); // who asks is told; why is said elsewhere

        // Kestrel begins one with each connection and keeps it as long, 170 bytes that nothing prints.
        log.Services.Configure<LoggerFilterOptions>(filters => filters.CaptureScopes = false);
    }

    private static void AddClient(WebApplicationBuilder builder, GatewayProcessOptions options)
    {
        var redis = Settings.DemandRedis(options.Redis!);
        builder.UseOrleansClient(client =>
        {
            client.UseMqttCluster(redis, options.Cluster);
            client.Services.UseClusterTransport();
        });
    }
}
