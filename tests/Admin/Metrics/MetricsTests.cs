using System.Net;
using Orleans.Mqtt.Tests.Support;
using Xunit;

namespace Orleans.Mqtt.Tests.Admin.Metrics;

public sealed class MetricsTests(OpenBroker broker)
{
    /// <summary>Promise P7: what is bounded shows how full it is, and its bound.</summary>
    public static TheoryData<string, string> Bounded => new()
    {
        { "mqtt_gateway_connections", "mqtt_gateway_connections_limit" },
        { "mqtt_gateway_unsent_highest_bytes", "mqtt_gateway_unsent_highest_limit_bytes" },
        { "mqtt_gateway_inflight_highest", "mqtt_gateway_inflight_highest_limit" },
        { "mqtt_gateway_waiting_highest", "mqtt_gateway_waiting_highest_limit" },
        { "mqtt_gateway_waiting_data_highest_bytes", "mqtt_gateway_waiting_data_highest_limit_bytes" },
        { "mqtt_gateway_unanswered_highest", "mqtt_gateway_unanswered_highest_limit" },
        { "mqtt_gateway_revocations", "mqtt_gateway_revocations_limit" },
        { "mqtt_gateway_cache_topics", "mqtt_gateway_cache_topics_limit" },
        { "mqtt_gateway_cache_subscribers", "mqtt_gateway_cache_subscribers_limit" },
        { "mqtt_gateway_repeats_publishers", "mqtt_gateway_repeats_publishers_limit" },
        { "mqtt_broker_store_pending_bytes", "mqtt_broker_store_pending_limit_bytes" },
        { "mqtt_broker_gateways_waiting_highest_bytes", "mqtt_broker_gateways_waiting_highest_limit_bytes" },
        { "mqtt_broker_routes_cache_topics", "mqtt_broker_routes_cache_topics_limit" },
        { "mqtt_broker_routes_cache_destinations", "mqtt_broker_routes_cache_destinations_limit" },
        { "mqtt_broker_sessions_queued_highest", "mqtt_broker_sessions_queued_highest_limit" },
        { "mqtt_broker_sessions_memory_highest", "mqtt_broker_sessions_memory_highest_limit" },
        { "mqtt_broker_sessions_publishers_highest", "mqtt_broker_sessions_publishers_highest_limit" },
        { "mqtt_broker_shares_queued_highest", "mqtt_broker_shares_queued_highest_limit" },
        { "mqtt_gateway_throttled", "mqtt_gateway_throttled_limit" },
        { "mqtt_store_log_bytes", "mqtt_store_log_limit_bytes" },
        { "mqtt_store_pending_bytes", "mqtt_store_pending_limit_bytes" },
        { "mqtt_store_cursors", "mqtt_store_cursors_limit" },
        { "mqtt_admin_requests", "mqtt_admin_requests_limit" },
    };

    [Theory, MemberData(nameof(Bounded))]
    public async Task What_is_bounded_shows_its_bound(string value, string limit)
    {
        using var api = broker.Call();

        var scrape = await Scrape.TakeAsync(api);

        Assert.Equal("gauge", scrape.Types[limit]);
        Assert.InRange(scrape[limit], 1, double.MaxValue);
        Assert.InRange(scrape[value], 0, scrape[limit]);
    }

    [Theory]
    [InlineData("mqtt_gateway_full"), InlineData("mqtt_gateway_filters_pending"), InlineData("mqtt_broker_store_waiting")]
    [InlineData("mqtt_broker_lanes_waiting"), InlineData("mqtt_broker_lanes_waiting_data_bytes")]
    [InlineData("mqtt_broker_routes_filters"), InlineData("mqtt_broker_routes_destinations"), InlineData("mqtt_broker_retained")]
    [InlineData("mqtt_broker_gateways_full")]
    [InlineData("mqtt_broker_sessions_stored"), InlineData("mqtt_broker_sessions_active"), InlineData("mqtt_broker_sessions_inflight")]
    [InlineData("mqtt_store_keys"), InlineData("mqtt_store_snapshot_bytes"), InlineData("dotnet_process_memory_working_set_bytes")]
    [InlineData("""dotnet_process_cpu_time_seconds_total{cpu_mode="user"}"""), InlineData("dotnet_gc_pause_time_seconds_total")]
    [InlineData("""dotnet_gc_collections_total{gc_heap_generation="gen0"}"""), InlineData("mqtt_metrics_refused_total")]
    public async Task What_an_operator_watches_is_there(string series)
    {
        using var api = broker.Call();

        Assert.True((await Scrape.TakeAsync(api)).Has(series));
    }

    [Fact]
    public async Task The_type_is_that_of_the_text_format()
    {
        using var api = broker.Call();

        using var answer = await api.SendAsync(HttpMethod.Get, "/metrics");

        Assert.Equal("text/plain; version=0.0.4; charset=utf-8", answer.Content.Headers.ContentType?.ToString());
    }

    [Fact(Timeout = 180_000)]
    public async Task Counters_and_gauges_follow_what_happens()
    {
        using var api = broker.Call();
        var topic = Unique.Topic();
        var before = await Scrape.TakeAsync(api);
        await broker.LeaveSessionAsync(Unique.ClientId(), topic);
        await using var client = await broker.ConnectAsync();
        await client.SubscribeAsync(topic, 1);
        for (var message = 0; message < 20; message++)
            await client.PublishAsync(topic, "x", qos: 1);

        var after = await Scrape.TakeAsync(api);

        double Risen(string series) => after[series] - before[series];
        Assert.Equal("counter", after.Types["mqtt_gateway_messages_received_total"]);
        Assert.InRange(Risen("mqtt_gateway_messages_received_total"), 20, double.MaxValue);
        Assert.InRange(Risen("mqtt_broker_messages_routed_total"), 20, double.MaxValue);
        Assert.InRange(after["mqtt_gateway_connections"], 1, double.MaxValue);
        Assert.InRange(after["mqtt_gateway_subscriptions"], 1, double.MaxValue);
        Assert.InRange(after["mqtt_broker_sessions_queued"], 20, double.MaxValue);
        Assert.InRange(after["mqtt_broker_sessions_queued_highest"], 20, double.MaxValue);

        // The client answers nothing. One look at all connections serves for a moment, so this may come a little later.
        while (after["mqtt_gateway_inflight_highest"] < 20 && !TestContext.Current.CancellationToken.IsCancellationRequested)
            after = await Scrape.TakeAsync(api);
        Assert.InRange(after["mqtt_gateway_clients"], 1, double.MaxValue);
    }

    [Fact]
    public async Task Delayed_messages_are_counted_while_they_wait()
    {
        using var api = broker.Call();
        await using var client = await broker.ConnectAsync();

        await client.PublishAsync($"$delayed/3600/{Unique.Topic()}", "later", qos: 1);

        var scrape = await Scrape.TakeAsync(api);
        Assert.InRange(scrape["mqtt_broker_delayed_waiting"], 1, double.MaxValue);
        Assert.InRange(scrape["mqtt_broker_delayed_waiting_highest"], 1, scrape["mqtt_broker_delayed_waiting_highest_limit"]);
        Assert.InRange(
            scrape["mqtt_broker_delayed_waiting_data_highest_bytes"], 1,
            scrape["mqtt_broker_delayed_waiting_data_highest_limit_bytes"]);
    }

    [Fact]
    public async Task What_the_access_rules_deny_is_counted()
    {
        using var api = broker.Call();
        await using var client = await broker.ConnectAsync();

        await client.PublishAsync("denied/x", "no", qos: 1);
        await client.AskAsync(("denied/x", 1));

        var scrape = await Scrape.TakeAsync(api);
        Assert.InRange(scrape["""mqtt_gateway_access_denied_total{action="publish"}"""], 1, double.MaxValue);
        Assert.InRange(scrape["""mqtt_gateway_access_denied_total{action="subscribe"}"""], 1, double.MaxValue);
    }

    [Fact]
    public async Task Refusals_are_counted_by_their_reason()
    {
        using var api = broker.Call();
        const string series = """mqtt_gateway_connections_refused_total{reason="ClientIdentifierNotValid"}""";
        await RefuseAsync();
        var before = await Scrape.TakeAsync(api);

        await RefuseAsync();

        Assert.InRange((await Scrape.TakeAsync(api))[series], before[series] + 1, double.MaxValue);

        async Task RefuseAsync()
        {
            await using var client = await broker.OpenAsync();
            await client.SendAsync(Packet.Connect(new ConnectOptions { ClientId = "", CleanSession = false }));
            await client.DrainAsync();
        }
    }

    [Fact]
    public async Task Further_meters_are_shown_when_they_are_asked_for()
    {
        await using var own = await TestBroker.StartAsync(
            "--Management:Meters:0=Microsoft.AspNetCore.Server.Kestrel", "--Management:Dashboard=false");
        using var api = new Caller(own.Admin);
        await using (await own.ConnectAsync())
        {
        }

        var scrape = await Scrape.TakeAsync(api);

        Assert.Contains("kestrel_active_connections", scrape.Types.Keys);
        Assert.Equal("histogram", scrape.Types.GetValueOrDefault("kestrel_connection_duration_seconds", "histogram"));
        using var dashboard = await api.SendAsync(HttpMethod.Get, "/dashboard/");
        Assert.Equal(HttpStatusCode.NotFound, dashboard.StatusCode);
    }
}
