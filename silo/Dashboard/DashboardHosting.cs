using System.Reflection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Orleans.Dashboard;
using Orleans.Mqtt.Gateway.Hosting.Admin;

namespace Orleans.Mqtt.Silo.Dashboard;

/// <summary>
/// The Orleans dashboard at /dashboard. It has no login of its own, so the guard of the admin address shows it to this
/// machine only.
/// </summary>
internal static class DashboardHosting
{
    /// <summary>Each sample takes 1.5 ms of a processor, whether somebody looks or not.</summary>
    private const int SampleInterval = 5_000; // ms

    public static void AddOrleansDashboard(this ISiloBuilder silo)
    {
        silo.AddDashboard(dashboard =>
        {
            dashboard.HideTrace = true; // a page of log lines would be one more way for them to get out
            dashboard.CounterUpdateIntervalMs = SampleInterval;
        });
        SampleLessOften(silo.Services);
    }

    /// <summary>
    /// The dashboard's own meter samples all instruments of Orleans each second, by a property that only it can reach.
    /// </summary>
    private static void SampleLessOften(IServiceCollection services)
    {
        var host = services.First(service => service.ServiceType.FullName == "Orleans.Dashboard.DashboardHost");
        var interval = host.ServiceType.GetProperty("ExportIntervalMilliseconds", BindingFlags.Instance | BindingFlags.NonPublic)
            ?? throw new MissingMemberException(host.ServiceType.FullName, "ExportIntervalMilliseconds");
        services.Replace(ServiceDescriptor.Singleton(host.ServiceType, provider =>
        {
            var sampling = ActivatorUtilities.CreateInstance(provider, host.ServiceType);
            interval.SetValue(sampling, SampleInterval);
            return sampling;
        }));
    }

    /// <summary>
    /// Its pages are unpacked when somebody looks for the first time: they take most of a second and 65 MB.
    /// </summary>
    public static void UseOrleansDashboard(this WebApplication app)
    {
        var pages = new Lazy<RequestDelegate>(() => Build(((IApplicationBuilder)app).New()));
        app.MapGet(AdminAddress.DashboardPath + "/{**page}", context =>
        {
            context.SetEndpoint(null); // or the routing of the pages would think that all is decided
            return pages.Value(context);
        }).ExcludeFromDescription();
    }

    private static RequestDelegate Build(IApplicationBuilder branch)
    {
        branch.UseRouting();
        branch.UseEndpoints(endpoints => endpoints.MapOrleansDashboard(AdminAddress.DashboardPath));
        return branch.Build();
    }
}
