using Orleans.Mqtt.Tests.Bench.Load;
using Orleans.Mqtt.Tests.Bench.Report;

namespace Orleans.Mqtt.Tests.Bench.Scenarios;

/// <summary>Pairs that talk through a table full of wildcard filters, of which each message matches one.</summary>
internal sealed class Wildcards : IScenario
{
    public string Name => "wildcards";

    public byte QoS => 0;

    // More than the two looks that a process takes before it knows that it rests.
    private static readonly TimeSpan _rest = TimeSpan.FromSeconds(10);

    public async Task<IReadOnlyList<Figures>> MeasureAsync(Run run)
    {
        var options = run.Options;
        var filters = Math.Max(1, options.Filters / options.Connections);
        var topics = filters == 1 ? Math.Max(1, options.Topics / options.Connections) : filters;
        using var fleet = run.NewFleet(options.Connections);
        await fleet.RunAsync(_rest);
        var empty = run.Read(0).Broker.ResidentBytes;

        var publishers = Enumerable.Range(0, options.Connections)
            .Select(number => NewPublisher(run, fleet, number, topics)).ToArray();
        var subscribers = publishers.Select(publisher => new Subscriber(
            publisher.Thread, Run.Named("sub-", publisher.Number), FiltersOf(publisher.Plan, filters), QoS,
            new Audit(publisher.Number * topics, topics))
        {
            PayloadSize = options.PayloadSize,
        });
        var name = $"{Name} {filters * options.Connections}";
        var figures = await new Exchange(run, fleet, publishers, [.. subscribers]).MeasureAsync(
            topics == filters ? name : $"{name} of {topics * options.Connections} topics");

        if (filters < topics)
            return [figures]; // too few to be seen in memory

        await fleet.RunAsync(_rest);
        var resident = run.Read(0).Broker.ResidentBytes;
        return
        [
            figures,
            new Figures($"{name}, at rest", FigureKind.Memory)
            {
                ResidentMebibytes = resident / 1024.0 / 1024.0,
                KibibytesAConnection = (resident - empty) / 1024.0 / filters / options.Connections,
            },
        ];
    }

    private static Publisher NewPublisher(Run run, Fleet fleet, int number, int topics) => new(
        fleet.ThreadOf(number),
        Run.Named("pub-", number),
        new PublisherPlan
        {
            Number = number,
            QoS = 0,
            Topic = Run.Named("wild/", number) + "/",
            TopicEnd = "/v",
            Topics = topics,
            PayloadSize = run.Options.PayloadSize,
            Window = run.Window(run.Options.Connections, hearers: 1),
            InFlight = 0,
        });

    /// <summary>One a topic, or one for all topics.</summary>
    private static string[] FiltersOf(PublisherPlan plan, int filters) => filters == plan.Topics
        ? [.. Enumerable.Range(0, filters).Select(topic => plan.TopicName(topic)[..^1] + "+")]
        : [plan.Topic + "+" + plan.TopicEnd];
}
