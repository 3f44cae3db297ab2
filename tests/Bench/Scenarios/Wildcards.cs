using Orleans.Mqtt.Tests.Bench.Load;
using Orleans.Mqtt.Tests.Bench.Report;

namespace Orleans.Mqtt.Tests.Bench.Scenarios;

/// <summary>Pairs that talk through a table full of wildcard filters, of which each message matches one.</summary>
internal sealed class Wildcards : IScenario
{
    public string Name => "wildcards";

    public byte QoS => 0;

    public async Task<IReadOnlyList<Figures>> MeasureAsync(Run run)
    {
        var options = run.Options;
        var filters = Math.Max(1, options.Filters / options.Connections);
        using var fleet = run.NewFleet(options.Connections);
        var publishers = Enumerable.Range(0, options.Connections)
            .Select(number => NewPublisher(run, fleet, number, filters)).ToArray();
        var subscribers = publishers.Select(publisher => new Subscriber(
            publisher.Thread, Run.Named("sub-", publisher.Number), FiltersOf(publisher.Plan), QoS,
            new Audit(publisher.Number * filters, filters))
        {
            PayloadSize = options.PayloadSize,
        });
        var figures = await new Exchange(run, fleet, publishers, [.. subscribers]).MeasureAsync(
            $"{Name} {filters * options.Connections}");
        return [figures];
    }

    private static Publisher NewPublisher(Run run, Fleet fleet, int number, int filters) => new(
        fleet.ThreadOf(number),
        Run.Named("pub-", number),
        new PublisherPlan
        {
            Number = number,
            QoS = 0,
            Topic = Run.Named("wild/", number) + "/",
            TopicEnd = "/v",
            Topics = filters,
            PayloadSize = run.Options.PayloadSize,
            Window = run.Window(run.Options.Connections, hearers: 1),
            InFlight = 0,
        });

    private static string[] FiltersOf(PublisherPlan plan) =>
        [.. Enumerable.Range(0, plan.Topics).Select(topic => plan.TopicName(topic)[..^1] + "+")];
}
