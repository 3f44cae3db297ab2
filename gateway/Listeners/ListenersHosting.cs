using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Mqtt.Gateway.Files;
using Orleans.Mqtt.Gateway.Sockets;

namespace Orleans.Mqtt.Gateway.Listeners;

/// <summary>What lies between the sockets and the connection handler.</summary>
internal static class ListenersHosting
{
    public static void AddDoors(this IHostApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddOptions<TlsOptions>().BindConfiguration(TlsOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<TlsOptions>, TlsCheck>();
        services.AddSingleton<IValidateOptions<GatewayOptions>, ListenersCheck>();
        services.AddTransient<IConfigureOptions<KestrelServerOptions>, Listeners>();
        services.AddSingleton<SocketTransport>();
        services.AddSingleton<IConnectionListenerFactory>(provider => provider.GetRequiredService<SocketTransport>());
        services.AddSingleton<ProxyProtocol>();
        services.AddSingleton<PipedOutput>();
        services.AddSingleton<UpgradeDeadline>();
        services.AddSingleton<IStartupFilter, WebSocketEndpoint>();

        services.AddHostedService<FileWatch>();
        var tls = builder.Configuration.GetSection(TlsOptions.Section).Get<TlsOptions>();
        if (tls?.CertificateFile is null)
            return;

        services.AddSingleton<ServerTls>();
        string?[] files = [tls.CertificateFile, tls.KeyFile, tls.ClientCaFile];
        services.AddWatchedFile<TlsMaterial, TlsOptions>([.. files.OfType<string>()], (options, _) => TlsMaterial.Read(options));
    }

    /// <summary>What files say, as a <see cref="WatchedFile{T}"/> that is read when it is first asked for.</summary>
    public static void AddWatchedFile<T, TOptions>(
        this IServiceCollection services, IReadOnlyList<string> paths, Func<TOptions, T?, T> read)
        where T : class
        where TOptions : class
    {
        services.AddSingleton(provider =>
        {
            var options = provider.GetRequiredService<IOptions<TOptions>>().Value; // looks at the file, too: see FileCheck
            return new WatchedFile<T>(paths, before => read(options, before), provider.GetRequiredService<ILogger<FileWatch>>());
        });
        services.AddSingleton<IWatched>(provider => provider.GetRequiredService<WatchedFile<T>>());
    }
}
