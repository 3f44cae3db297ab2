using Orleans.Mqtt.Tests.Bench.Load;
using Orleans.Mqtt.Tests.Bench.Report;

namespace Orleans.Mqtt.Tests.Bench.Scenarios;

/// <summary>
/// Pairs that talk through wildcard filters, all with one broker, for the figures are to be compared. On one topic each:
/// through one filter each, alone and beside a million others. On a million topics, each in its turn: through one filter
/// each, through a filter a topic, and through both kinds at once.
/// </summary>
internal sealed class Wildcards : IScenario
{
    // Not in the order of the filters: what lies side by side in memory would come one after the other.
    private const int Scattered = 7_919;

    // More than the two looks that a process takes before it knows that it rests.
    private static readonly TimeSpan _rest = TimeSpan.FromSeconds(10);

    public string Name => "wildcards";

    public byte QoS => 0;

    public async Task<IReadOnlyList<Figures>> MeasureAsync(Run run)
    {
        var pairs = run.Options.Connections;
        var topics = Math.Max(1, (run.Options.Topics > 0 ? run.Options.Topics : run.Options.Filters) / pairs);
        var filters = Math.Max(topics, run.Options.Filters / pairs);
        var (onFew, onMany) = ($"on {pairs} topics", $"on {pairs * topics} topics");
        var hot = await MeasureAsync(run, new Talk("hot", 1, plan => [ForAll(plan)]), $"{pairs}, {onFew}");
        var few = await MeasureAsync(run, new Talk("few", topics, plan => [ForAll(plan)]), $"{pairs}, {onMany}");

        var before = await RestAsync(run);
        Figures all, beside, left;
        using (var fleet = run.NewFleet(pairs))
        {
            all = await MeasureAsync(
                run, fleet, new Talk("all", topics, plan => ForEach(plan, filters)), $"{pairs * filters}, {onMany}");
            left = AtRest($"{pairs * filters}, at rest", before, await RestAsync(run), pairs * filters);
            beside = await MeasureAsync(
                run, new Talk("beside", 1, plan => [ForAll(plan)]), $"{pairs} beside {pairs * filters}, {onFew}");
        }

        return [hot, Compare(beside, hot), few, Compare(all, few), .. await MeasureBothAsync(run, topics, filters, few), left];
    }

    private static async Task<Figures[]> MeasureBothAsync(Run run, int topics, int filters, Figures few)
    {
        if (!run.Broker.Recipe.MergesOverlaps)
            return [];

        await RestAsync(run); // the others go
        var pairs = run.Options.Connections;
        var talk = new Talk("both", topics, plan => [ForAll(plan), .. ForEach(plan, filters)]);
        var both = await MeasureAsync(run, talk, $"{pairs} and {pairs * filters}, on {pairs * topics} topics");
        return [Compare(both, few)];
    }

    private static Figures Compare(Figures figures, Figures few) => figures with { OfFew = figures.PerCpuSecond / few.PerCpuSecond };

    private static Figures AtRest(string name, long before, long after, int filters) => new($"wildcards {name}", FigureKind.Memory)
    {
        ResidentMebibytes = after / 1024.0 / 1024.0,
        KibibytesAConnection = (after - before) / 1024.0 / filters,
    };

    private static async Task<Figures> MeasureAsync(Run run, Talk talk, string name)
    {
        using var fleet = run.NewFleet(run.Options.Connections);
        return await MeasureAsync(run, fleet, talk, name);
    }

    private static Task<Figures> MeasureAsync(Run run, Fleet fleet, Talk talk, string name)
    {
        var publishers = Enumerable.Range(0, run.Options.Connections)
            .Select(number => NewPublisher(run, fleet, number, talk)).ToArray();
        var subscribers = publishers.Select(publisher => new Subscriber(
            publisher.Thread, Run.Named($"sub-{talk.Name}-", publisher.Number), talk.Filters(publisher.Plan), qos: 0,
            new Audit(publisher.Number * talk.Topics, talk.Topics))
        {
            PayloadSize = run.Options.PayloadSize,
        });
        return new Exchange(run, fleet, publishers, [.. subscribers]).MeasureAsync($"wildcards {name}");
    }

    private static async Task<long> RestAsync(Run run)
    {
        using var nobody = run.NewFleet(publishers: 0);
        await nobody.RunAsync(_rest);
        return run.Read(0).Broker.ResidentBytes;
    }

    private static Publisher NewPublisher(Run run, Fleet fleet, int number, Talk talk) => new(
        fleet.ThreadOf(number),
        Run.Named($"pub-{talk.Name}-", number),
        new PublisherPlan
        {
            Number = number,
            QoS = 0,
            Topic = Run.Named($"{talk.Name}/", number) + "/",
            TopicEnd = "/v",
            Topics = talk.Topics,
            Stride = Scattered,
            PayloadSize = run.Options.PayloadSize,
            Window = run.Window(run.Options.Connections, hearers: 1),
            InFlight = 0,
        });

    private static string ForAll(PublisherPlan plan) => plan.Topic + "+" + plan.TopicEnd;

    /// <summary>One a topic, and when there are more of them, some that nobody talks about.</summary>
    private static string[] ForEach(PublisherPlan plan, int filters) =>
        [.. Enumerable.Range(0, filters).Select(topic => plan.TopicName(topic)[..^1] + "+")];

    /// <summary>What the pairs of a stage talk about, and how its subscribers hear it.</summary>
    private sealed record Talk(string Name, int Topics, Func<PublisherPlan, string[]> Filters);
}
