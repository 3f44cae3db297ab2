using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Orleans.Mqtt.Gateway.Hosting.Admin;
using Orleans.Mqtt.Gateway.Hosting.Metrics;
using Xunit;

namespace Orleans.Mqtt.Tests.Unit.Gateway.Hosting;

public sealed class MetricCollectorTests : IMeterFactory
{
    private readonly Meter _meter;
    private readonly MetricCollector _collector;

    public MetricCollectorTests()
    {
        var options = new AdminOptions { Meters = ["Test"] };
        _meter = new Meter(new MeterOptions("Test") { Scope = this });
        _collector = new MetricCollector(this, Options.Create(options), NullLogger<MetricCollector>.Instance);
    }

    [Fact]
    public void A_counter_adds_up_and_ends_in_total()
    {
        var counter = _meter.CreateCounter<long>("some.thing", "{thing}", "Things\nwith a \\.");
        counter.Add(2);
        counter.Add(3);

        Assert.Equal(
            ["# HELP some_thing_total Things\\nwith a \\\\.", "# TYPE some_thing_total counter", "some_thing_total 5"],
            Lines("some_thing"));
    }

    [Fact]
    public void Tags_become_labels_and_are_escaped()
    {
        var counter = _meter.CreateCounter<int>("errors");
        counter.Add(1, new("reason", "a \"b\"\\\n"), new("of.whom", 7));
        counter.Add(1, new("reason", "a \"b\"\\\n"), new("of.whom", 7));
        counter.Add(1, new("reason", new string('x', 300)), new("of.whom", true));

        Assert.Contains("""errors_total{reason="a \"b\"\\\n",of_whom="7"} 2""", Lines("errors"));
        Assert.Contains($$"""errors_total{reason="{{new string('x', 300)}}",of_whom="True"} 1""", Lines("errors"));
    }

    [Fact]
    public void Numbers_with_a_fraction_add_up_too()
    {
        var counter = _meter.CreateCounter<double>("time", "s");
        counter.Add(0.25);
        counter.Add(0.5);

        Assert.Contains("time_seconds_total 0.75", Lines("time"));
    }

    [Fact]
    public void A_gauge_that_is_looked_at_shows_what_is_there_and_forgets_what_was()
    {
        var there = new List<Measurement<long>> { new(7, new KeyValuePair<string, object?>("who", "a")) };
        _meter.CreateObservableGauge("level", () => there, "By");
        Assert.Contains("""level_bytes{who="a"} 7""", Lines("level"));
        there[0] = new(9, new KeyValuePair<string, object?>("who", "b"));

        Assert.Equal(["""level_bytes{who="b"} 9"""], Lines("level").Where(line => line[0] != '#'));
        Assert.Contains("# TYPE level_bytes gauge", Lines("level"));
    }

    [Fact]
    public void What_goes_up_and_down_and_what_is_set_are_gauges()
    {
        var open = _meter.CreateUpDownCounter<long>("open");
        open.Add(3);
        open.Add(-1);
        var set = _meter.CreateGauge<double>("set");
        set.Record(4);
        set.Record(2.5);

        Assert.Equal(["# TYPE open gauge", "open 2"], Lines("open").Skip(1));
        Assert.Equal(["# TYPE set gauge", "set 2.5"], Lines("set").Skip(1));
    }

    [Fact]
    public void A_histogram_counts_into_buckets_whose_bounds_belong_to_them()
    {
        var histogram = _meter.CreateHistogram(
            "size", "{item}", null, null, new InstrumentAdvice<long> { HistogramBucketBoundaries = [1, 10] });
        foreach (var size in new long[] { 0, 1, 2, 10, 11 })
            histogram.Record(size, new KeyValuePair<string, object?>("of", "x"));

        Assert.Equal(
            [
                """size_bucket{of="x",le="1"} 2""", """size_bucket{of="x",le="10"} 4""", """size_bucket{of="x",le="+Inf"} 5""",
                """size_sum{of="x"} 24""", """size_count{of="x"} 5""",
            ],
            Lines("size").Skip(2));
    }

    [Fact]
    public void Series_without_end_are_cut_off_and_counted()
    {
        var counter = _meter.CreateCounter<long>("unbounded");
        for (var number = 0; number < MetricFamily.MostSeries + 5; number++)
            counter.Add(1, new KeyValuePair<string, object?>("client", number));

        Assert.Equal(MetricFamily.MostSeries, Lines("unbounded").Count(line => line[0] != '#'));
        Assert.Contains("mqtt_metrics_refused_total 5", Lines("mqtt_metrics"));
    }

    [Fact]
    public void A_gauge_that_fails_takes_no_other_with_it()
    {
        _meter.CreateObservableGauge("broken", long () => throw new InvalidOperationException());
        _meter.CreateObservableGauge("whole", () => 1L);

        Assert.Contains("whole 1", Lines("whole"));
    }

    [Fact]
    public void What_others_measure_is_not_ours()
    {
        using var unwanted = new Meter(new MeterOptions("Unwanted") { Scope = this });
        using var neighbour = new Meter(new MeterOptions("Test") { Scope = new object() });
        unwanted.CreateCounter<long>("unwanted").Add(1);
        neighbour.CreateCounter<long>("neighbour").Add(1);

        Assert.Empty(Lines("unwanted"));
        Assert.Empty(Lines("neighbour"));
    }

    [Fact]
    public async Task Nothing_is_lost_when_many_count_at_once()
    {
        var counter = _meter.CreateCounter<long>("many");
        var parts = _meter.CreateCounter<double>("parts");

        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
        {
            for (var i = 0; i < 10_000; i++)
            {
                counter.Add(1, new KeyValuePair<string, object?>("kind", i % 3));
                parts.Add(0.5);
            }
        })));

        Assert.Equal(40_000, Lines("many").Where(line => line[0] != '#').Sum(line => long.Parse(line.Split(' ')[1], null)));
        Assert.Contains("parts_total 20000", Lines("parts"));
    }

    Meter IMeterFactory.Create(MeterOptions options) => _meter;

    public void Dispose()
    {
        _collector.Dispose();
        _meter.Dispose();
    }

    private string[] Lines(string name) =>
    [
        .. _collector.Scrape().Split('\n')
            .Where(line => line.Replace("# HELP ", "").Replace("# TYPE ", "").StartsWith(name, StringComparison.Ordinal)),
    ];
}
