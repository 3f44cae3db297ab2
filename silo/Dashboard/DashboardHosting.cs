using Orleans.Dashboard;
using Orleans.Mqtt.Gateway.Hosting.Admin;

namespace Orleans.Mqtt.Silo.Dashboard;

/// <summary>
/// The Orleans dashboard at /dashboard. It has no login of its own, so the guard of the admin address shows it to this
/// machine only.
/// </summary>
internal static class DashboardHosting
{
    public static void AddOrleansDashboard(this ISiloBuilder silo) =>
        silo.AddDashboard(dashboard =>
        {
            dashboard.HideTrace = true; // a page of log lines would be one more way for them to get out
            dashboard.CounterUpdateIntervalMs = 5_000; // each takes 1.5 ms of a processor, seen or not
        });

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
