using System.Diagnostics;
using Orleans.Mqtt.Tests.Bench.Load;
using Orleans.Mqtt.Tests.Bench.Report;

namespace Orleans.Mqtt.Tests.Bench.Scenarios;

/// <summary>Setting many retained messages, then reading them all with one wildcard subscription.</summary>
internal sealed class Retained : IScenario
{
    private const int WarmUpTopics = 5_000;

    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(120);

    public string Name => "retained";

    public byte QoS => 1;

    public async Task<IReadOnlyList<Figures>> MeasureAsync(Run run)
    {
        var options = run.Options;
        await WarmUpAsync(run);

        using var fleet = run.NewFleet(options.Connections);
        var publishers = await OpenPublishersAsync(run, fleet, "retained", options.Retained);
        var setting = await SetAsync(run, fleet, publishers, rounds: 1);
        var residentBytes = run.Broker.Usage.ResidentBytes;

        var (reading, faults) = (default(Spending), default(Faults));
        while (reading.Time < options.Time)
        {
            var (read, wrong) = await ReadAsync(run, fleet, publishers, "retained");
            reading += read;
            faults += wrong;
        }

        var topics = setting.Count;
        return
        [
            setting.ToFigures($"{Name} {topics} set", FigureKind.Throughput, residentBytes) with { Faults = faults },
            reading.ToFigures($"{Name} {topics} read", FigureKind.Throughput, residentBytes) with { Faults = faults },
        ];
    }

    private async Task WarmUpAsync(Run run)
    {
        using var fleet = run.NewFleet(run.Options.Connections);
        var publishers = await OpenPublishersAsync(
            run, fleet, "warmup", Math.Min(WarmUpTopics, run.Options.Retained));
        var start = Stopwatch.GetTimestamp();
        for (var round = 1; Stopwatch.GetElapsedTime(start) < run.Options.WarmUp; round++)
        {
            await SetAsync(run, fleet, publishers, round);
            await ReadAsync(run, fleet, publishers, "warmup");
        }
    }

    private async Task<Publisher[]> OpenPublishersAsync(Run run, Fleet fleet, string root, int topics)
    {
        var publishers = Enumerable.Range(0, run.Options.Connections).Select(number => new Publisher(
            fleet.ThreadOf(number),
            Run.Named($"{root}-", number),
            new PublisherPlan
            {
                Number = number,
                QoS = QoS,
                Topic = Run.Named($"{root}/", number) + "/",
                TopicEnd = "/state",
                Topics = Math.Max(1, topics / run.Options.Connections),
                IsRetained = true,
                PayloadSize = run.Options.PayloadSize,
                InFlight = run.Options.InFlight(QoS),
            })).ToArray();
        await fleet.OpenAsync(publishers, _patience);
        return publishers;
    }

    private static async Task<Spending> SetAsync(Run run, Fleet fleet, Publisher[] publishers, int rounds)
    {
        var target = (long)rounds * publishers[0].Plan.Topics;
        var before = run.Read(publishers.Sum(publisher => publisher.Sent));
        await fleet.DoAsync(publishers, publisher => publisher.Target = target);
        if (!await fleet.UntilAsync(() => publishers.All(publisher => publisher.HasSettled(target)), _patience))
            throw new BrokenRunException("retained messages were not acknowledged");

        return (run.Read(publishers.Sum(publisher => publisher.Sent)) with { At = fleet.LastReadAt }).Since(before);
    }

    private async Task<(Spending Spent, Faults Faults)> ReadAsync(
        Run run, Fleet fleet, Publisher[] publishers, string root)
    {
        var topics = publishers[0].Plan.Topics;
        var expected = (long)topics * publishers.Length;
        var reader = new Subscriber(
            fleet.ThreadOf(0), "reader", [$"{root}/#"], QoS, new Audit(0, (int)expected))
        {
            PayloadSize = run.Options.PayloadSize,
            GivesCredit = false,
        };
        var before = run.Read(0);
        await fleet.OpenAsync([reader], _patience);
        if (!await fleet.UntilAsync(() => reader.Heard >= expected, _patience))
            throw new BrokenRunException($"{expected - reader.Heard} retained messages were not delivered");

        var spent = (run.Read(expected) with { At = fleet.LastReadAt }).Since(before);
        await fleet.PartAsync([reader], _patience);
        return (spent, reader.Audit.Close(_ => 1));
    }
}
