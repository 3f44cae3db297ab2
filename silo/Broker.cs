using System.Diagnostics.Metrics;
using Microsoft.Extensions.Options;
using Orleans.Mqtt.Client;
using Orleans.Mqtt.Gateway;
using Orleans.Mqtt.Gateway.Hosting;
using Orleans.Mqtt.Gateway.Hosting.Admin;
using Orleans.Mqtt.Gateway.Listeners;
using Orleans.Mqtt.Gateway.Security;
using Orleans.Mqtt.Grains;
using Orleans.Mqtt.Silo.Dashboard;
using Orleans.Mqtt.Silo.Health;
using Orleans.Mqtt.Silo.Management;
using Orleans.Mqtt.Silo.Nats;
using Orleans.Mqtt.Silo.Streams;

namespace Orleans.Mqtt.Silo;

/// <summary>The whole process: settings, store, silo, gateway, admin listener.</summary>
internal sealed class Broker : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly EmbeddedStore? _store;
    private readonly ILoggerFactory? _storeLog;
    private readonly BrokerOptions _options;
    private readonly NatsServers? _nats;
    private readonly IReadOnlyList<ListenAddress> _listeners;

    private Broker(
        WebApplication app, EmbeddedStore? store, ILoggerFactory? storeLog, BrokerOptions options, NatsServers? nats,
        IReadOnlyList<ListenAddress> listeners)
    {
        _app = app;
        _store = store;
        _storeLog = storeLog;
        _options = options;
        _nats = nats;
        _listeners = listeners;
    }

    /// <exception cref="StartFailure">A setting is wrong.</exception>
    /// <exception cref="DataFolderException">The data folder cannot be used.</exception>
    public static Broker Build(string[] args)
    {
        // Settings lie beside the program, data where it is started.
        var builder = WebApplication.CreateSlimBuilder(
            new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        var switches = Switches.NamesIn(args);
        builder.Configuration.AddCommandLine(args, Switches.Settings.ToDictionary());
        new KnownSettings(
                typeof(GatewayHosting).Assembly, typeof(GrainsHosting).Assembly, typeof(MqttCluster).Assembly, typeof(Broker).Assembly)
            .Demand(switches, builder.Configuration);
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(4));

        var options = Settings.Read<BrokerOptions, BrokerOptionsValidator>(
            builder.Configuration, BrokerOptions.Section);
        var listeners = options.Gateway ? Addresses.DemandListeners(builder.Configuration) : [];
        builder.AddAdmin(options.Admin);
        var management = Settings.Read<ManagementOptions, ManagementOptionsValidator>(
            builder.Configuration, ManagementOptions.Section);

        var nats = builder.AddNats(options);
        var storeLog = options.IsEmbedded ? StoreLog(builder.Configuration) : null;
        var store = storeLog is null ? null : StartStore(builder.Configuration, options, storeLog);
        builder.AddSilo(
            options, store?.Configuration ?? Settings.DemandRedis(options.Redis!), store is null ? null : store.Holds,
            hasDashboard: management.Dashboard);
        if (options.Gateway)
            builder.AddMqttGateway();
        else
            builder.AddAccess(); // for those who act for a client by HTTP
        builder.Services.AddMqttCluster();
        builder.AddMqttStreams();
        builder.AddApplications();
        builder.Services.AddHealthChecks().AddCheck<BrokerHealth>("broker", tags: [HealthEndpoints.Ready]);
        builder.AddManagement();

        var app = builder.Build();
        app.Services.GetRequiredService<IStartupValidator>().Validate(); // before the host, which would log it at length
        app.UseAdmin();
        app.UseManagement();
        if (management.Dashboard)
            app.UseOrleansDashboard();
        if (store is not null)
            EmbeddedStoreMetrics.Watch(store, app.Services.GetRequiredService<IMeterFactory>());
        return new Broker(app, store, storeLog, options, nats, listeners);
    }

    public async Task RunAsync()
    {
        StopLimit.Watch(_app);
        await _app.StartAsync();
        WriteStartMessage();
        await _app.WaitForShutdownAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        if (_store is not null)
            await _store.DisposeAsync();
        _storeLog?.Dispose();
    }

    // The store is there before the host and after it, so that it cannot write into the host's log: into one like it.
    private static ILoggerFactory StoreLog(ConfigurationManager settings) =>
        LoggerFactory.Create(log => log.AddConfiguration(settings.GetSection("Logging")).AddConsole());

    private static EmbeddedStore StartStore(ConfigurationManager settings, BrokerOptions options, ILoggerFactory log) =>
        EmbeddedStore.Start(
            options.Data,
            Settings.Read<EmbeddedStoreOptions, EmbeddedStoreOptionsValidator>(settings, EmbeddedStoreOptions.Section), log);

    private void WriteStartMessage()
    {
        var first = _listeners.Count > 0 ? _listeners[0] : null;
        Console.WriteLine("Orleans.Mqtt is ready.");
        if (first is not null)
            Console.WriteLine($"  MQTT    {string.Join(", ", _listeners.Select(listener => listener.Text))}");
        var dashboard = _app.Services.GetRequiredService<IOptions<ManagementOptions>>().Value.Dashboard ? " /dashboard" : "";
        Console.WriteLine($"  admin   {_options.Admin} /health/ready /metrics /openapi/v1.json{dashboard}");
        Console.WriteLine(_options.IsEmbedded
            ? $"  data    {Path.GetFullPath(_options.Data)} (embedded store)"
            : $"  store   Redis, cluster '{_options.Cluster}'");
        if (_nats is not null)
            Console.WriteLine($"  NATS    {_nats.Text}");
        if (first is null)
            return;

        var port = first.EndPoint.Port == 1883 ? "" : $" -p {first.EndPoint.Port}";
        Console.WriteLine($"  try     mosquitto_sub{port} -t 'hello/#' -v");
        Console.WriteLine($"          mosquitto_pub{port} -t hello/world -m hi");
    }
}
