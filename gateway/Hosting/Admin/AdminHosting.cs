using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Orleans.Mqtt.Gateway.Hosting.Metrics;

namespace Orleans.Mqtt.Gateway.Hosting.Admin;

/// <summary>The admin address of a process: health for everybody, metrics and more for whom the guard lets in.</summary>
internal static class AdminHosting
{
    /// <exception cref="StartFailure">The address is open to others and there is no key.</exception>
    public static void AddAdmin(this WebApplicationBuilder builder, string setting)
    {
        var address = new AdminAddress(Addresses.AdminOf(setting));
        Addresses.DemandFree($"--admin {setting}", address.EndPoint);
        DemandKey(builder.Configuration, setting, address);

        var services = builder.Services;
        services.AddOptions<AdminOptions>().BindConfiguration(AdminOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<AdminOptions>, AdminOptionsValidator>();
        services.AddSingleton(address);
        services.AddSingleton<MetricCollector>();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(address.EndPoint));
    }

    /// <summary>To be called before anything else is mapped.</summary>
    public static void UseAdmin(this WebApplication app)
    {
        app.UseMiddleware<AdminGuard>();
        app.MapHealth();

        // Made now, so that it hears everything that is counted from the start on.
        var metrics = app.Services.GetRequiredService<MetricCollector>();
        app.MapGet(AdminAddress.MetricsPath, () => Results.Text(metrics.Scrape(), PrometheusText.ContentType))
            .ExcludeFromDescription();
    }

    private static void DemandKey(ConfigurationManager configuration, string setting, AdminAddress address)
    {
        var options = configuration.GetSection(AdminOptions.Section).Get<AdminOptions>() ?? new AdminOptions();
        if (!options.ApiKeys.All(ApiKeys.IsFit))
            throw new StartFailure("Management:ApiKeys: a key has 16 characters or more, letters, digits and signs of ASCII");
        if (options.ApiKeys.Count == 0 && !address.IsLoopback)
            throw new StartFailure($"--admin {setting}: an address that others can reach needs a key in Management:ApiKeys");
    }
}
