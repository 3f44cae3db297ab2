using System.Diagnostics;
using Orleans.Mqtt.Tests.Bench.Load;
using Orleans.Mqtt.Tests.Bench.Report;

namespace Orleans.Mqtt.Tests.Bench.Scenarios;

/// <summary>Publishers and subscribers that talk for a while, and the account of it.</summary>
internal sealed class Exchange(
    Run run, Fleet fleet, IReadOnlyList<Publisher> publishers, IReadOnlyList<Subscriber> subscribers)
{
    private static readonly TimeSpan _openPatience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan _lateComers = TimeSpan.FromMilliseconds(50);

    public async Task OpenAsync()
    {
        await fleet.OpenAsync(subscribers, _openPatience);
        await fleet.OpenAsync(publishers, _openPatience);
    }

    /// <summary>As much as the windows allow: warm up, measure, stop, and check every message there was.</summary>
    public async Task<Figures> MeasureAsync(string scenario)
    {
        await OpenAsync();
        await PublishUntilAsync(long.MaxValue);
        await fleet.RunAsync(run.Options.WarmUp);

        var before = run.Read(fleet.Received);
        await fleet.RunAsync(run.Options.Time);
        var after = run.Read(fleet.Received);

        await PublishUntilAsync(0);
        var faults = await SettleAsync();
        return after.Since(before).ToFigures(scenario, FigureKind.Throughput, after.Broker.ResidentBytes) with
        {
            Faults = faults,
        };
    }

    public Task PublishUntilAsync(long target) => fleet.DoAsync(publishers, publisher => publisher.Target = target);

    /// <summary>Waits until all is delivered and acknowledged, or nothing comes any more; closes the books.</summary>
    public async Task<Faults> SettleAsync()
    {
        var start = Stopwatch.GetTimestamp();
        var expected = publishers.Sum(publisher => publisher.Sent * publisher.Plan.Hearers);
        await fleet.UntilAsync(
            () => (fleet.Received >= expected && publishers.All(publisher => publisher.IsSettled))
                || Stopwatch.GetElapsedTime(Math.Max(start, fleet.LastReadAt)) > run.Options.Patience,
            TimeSpan.FromMinutes(5));
        await fleet.RunAsync(_lateComers); // what is delivered twice is delivered late
        return CloseBooks();
    }

    private Faults CloseBooks()
    {
        var topics = publishers[0].Plan.Topics;
        var faults = default(Faults);
        foreach (var audit in subscribers.Select(subscriber => subscriber.Audit).Distinct()) // a group has one
            faults += audit.Close(stream => publishers[stream / topics].SentTo(stream % topics));

        foreach (var publisher in publishers)
        {
            faults += publisher.Faults;
            if (!publisher.IsSettled)
                faults += new Faults(0, 0, 0, 0, 1);
        }

        return faults;
    }
}
