using System.Net;
using System.Text.Json;
using Orleans.Mqtt.Tests.Support;
using Xunit;

namespace Orleans.Mqtt.Tests.Admin.Dashboard;

public sealed class DashboardTests(OpenBroker broker)
{
    [Fact]
    public async Task The_page_and_what_it_loads_are_there()
    {
        using var api = broker.Call();
        using (var moved = await api.SendAsync(HttpMethod.Get, "/dashboard"))
            Assert.Equal("/dashboard/", moved.Headers.Location?.ToString());

        var page = await api.GetTextAsync("/dashboard/");

        Assert.Contains("<html", page, StringComparison.OrdinalIgnoreCase);
        Assert.NotEmpty(await api.GetTextAsync("/dashboard/index.min.js"));
        Assert.NotEmpty(await api.GetTextAsync("/dashboard/index.css"));
    }

    [Fact]
    public async Task Its_data_are_those_of_this_silo()
    {
        using var api = broker.Call();
        await using var client = await broker.ConnectAsync();

        // It looks at the cluster once a second while somebody watches.
        var counters = default(JsonElement);
        await Eventually.ThatAsync(async () =>
        {
            counters = await api.GetAsync("/dashboard/DashboardCounters");
            return counters.GetProperty("totalActiveHostCount").GetInt32() == 1;
        });

        var types = await api.GetAsync("/dashboard/GrainTypes");

        Assert.Equal("Active", Assert.Single(counters.GetProperty("hosts").EnumerateArray()).GetProperty("status").GetString());
        Assert.Contains(types.EnumerateArray(), type => type.GetString()!.EndsWith(".SessionGrain", StringComparison.Ordinal));
        Assert.NotEqual(JsonValueKind.Undefined, (await api.GetAsync("/dashboard/ClusterStats")).ValueKind);
        Assert.NotEqual(JsonValueKind.Undefined, (await api.GetAsync("/dashboard/TopGrainMethods")).ValueKind);
    }

    [Fact]
    public async Task The_log_does_not_get_out_by_it()
    {
        using var api = broker.Call();

        using var answer = await api.SendAsync(HttpMethod.Get, "/dashboard/Trace");

        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
    }
}
