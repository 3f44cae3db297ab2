using System.Diagnostics;
using Orleans.Mqtt.Tests.Bench.Load;
using Orleans.Mqtt.Tests.Bench.Report;

namespace Orleans.Mqtt.Tests.Bench.Scenarios;

/// <summary>Messages to sessions that are away, then the return of all: filling and draining, over and over.</summary>
internal sealed class Offline : IScenario
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);

    public string Name => "offline";

    public byte QoS => 1;

    public async Task<IReadOnlyList<Figures>> MeasureAsync(Run run)
    {
        var options = run.Options;
        using var fleet = run.NewFleet(options.Connections);
        var publishers = Enumerable.Range(0, options.Connections)
            .Select(number => NewPublisher(run, fleet, number)).ToArray();
        var subscribers = publishers.Select(publisher => new Subscriber(
            publisher.Thread, Run.Named("sub-", publisher.Number), [publisher.Plan.Topic], QoS,
            new Audit(publisher.Number, 1), isClean: false)
        {
            PayloadSize = options.PayloadSize,
        }).ToArray();
        var exchange = new Exchange(run, fleet, publishers, subscribers);
        await exchange.OpenAsync();
        await LeaveAsync(fleet, subscribers);

        var start = Stopwatch.GetTimestamp();
        var (filling, draining, residentBytes) = (default(Spending), default(Spending), 0L);
        for (var cycle = 1; draining.Count is 0 || filling.Time + draining.Time < options.Time; cycle++)
        {
            var isWarm = Stopwatch.GetElapsedTime(start) >= options.WarmUp;
            var filled = await FillAsync(run, fleet, exchange, publishers, cycle);
            var resident = run.Broker.Usage.ResidentBytes;
            var drained = await DrainAsync(run, fleet, publishers, subscribers);
            if (isWarm)
                (filling, draining, residentBytes) = (filling + filled, draining + drained, resident);
        }

        var faults = await exchange.SettleAsync();
        return
        [
            filling.ToFigures($"{Name} fill", FigureKind.Throughput, residentBytes) with { Faults = faults },
            draining.ToFigures($"{Name} drain", FigureKind.Throughput, residentBytes) with { Faults = faults },
        ];
    }

    private Publisher NewPublisher(Run run, Fleet fleet, int number) => new(
        fleet.ThreadOf(number),
        Run.Named("pub-", number),
        new PublisherPlan
        {
            Number = number,
            QoS = QoS,
            Topic = Run.Named("offline/", number),
            PayloadSize = run.Options.PayloadSize,
            InFlight = run.Options.InFlight(QoS),
        });

    private static async Task<Spending> FillAsync(
        Run run, Fleet fleet, Exchange exchange, Publisher[] publishers, int cycle)
    {
        var target = (long)cycle * run.Options.Queued;
        var before = run.Read(publishers.Sum(publisher => publisher.Sent));
        await exchange.PublishUntilAsync(target);
        if (!await fleet.UntilAsync(() => publishers.All(publisher => publisher.HasSettled(target)), _patience))
            throw new BrokenRunException("messages to sessions that are away were not acknowledged");

        return (run.Read(publishers.Sum(publisher => publisher.Sent)) with { At = fleet.LastReadAt }).Since(before);
    }

    private static async Task<Spending> DrainAsync(
        Run run, Fleet fleet, Publisher[] publishers, Subscriber[] subscribers)
    {
        var expected = publishers.Sum(publisher => publisher.Sent);
        var before = run.Read(fleet.Received);
        await fleet.OpenAsync(subscribers, _patience);
        if (!await fleet.UntilAsync(() => fleet.Received >= expected, _patience))
            throw new BrokenRunException($"{expected - fleet.Received} queued messages were not delivered");

        var drained = (run.Read(fleet.Received) with { At = fleet.LastReadAt }).Since(before);
        await LeaveAsync(fleet, subscribers);
        return drained;
    }

    private static async Task LeaveAsync(Fleet fleet, Subscriber[] subscribers)
    {
        await fleet.DoAsync(subscribers, subscriber => subscriber.IsResuming = true);
        await fleet.PartAsync(subscribers, _patience);
    }
}
