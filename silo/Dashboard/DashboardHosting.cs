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
        // Its page of log lines would be one more way for them to get out.
        silo.AddDashboard(dashboard => dashboard.HideTrace = true);

    public static void UseOrleansDashboard(this WebApplication app) =>
        app.MapOrleansDashboard(AdminAddress.DashboardPath);
}
