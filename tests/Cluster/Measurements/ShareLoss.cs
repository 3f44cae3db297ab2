using System.Diagnostics;
using Orleans.Mqtt.Tests.Cluster.Nodes;
using Orleans.Mqtt.Tests.Support;
using Orleans.Mqtt.Tests.Support.Audit;
using Orleans.Mqtt.Tests.Support.Load;

namespace Orleans.Mqtt.Tests.Cluster.Measurements;

/// <summary>Who dies in the middle of it.</summary>
internal enum ShareVictim
{
    /// <summary>One member: its socket breaks, and it never comes again.</summary>
    Member,

    /// <summary>The gateway of two of the members, by SIGKILL.</summary>
    Gateway,

    /// <summary>The first silo, by SIGKILL.</summary>
    Silo,
}

/// <summary>
/// Three members of a shared subscription on two gateways, messages of QoS 1, and somebody who is killed when half of them
/// were heard. Counts what each member heard until then, and what was lost in all.
/// </summary>
internal sealed class ShareLoss(int messages, ShareVictim victim, Action<string> say)
{
    private const int Publishers = 3;
    private const int Members = 3;

    // Messages a second of each publisher. Not as fast as it goes: what counts is who is given how much, not who is faster.
    private const double Rate = 1_000;

    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(180);

    /// <summary>What each member heard, of the first quarter: all of that was heard before the kill.</summary>
    public int[] HeardBefore { get; private set; } = [];

    /// <summary>Of each stream: there are two a publisher.</summary>
    private int EarlyOfEach => messages / 4 / (2 * Publishers);

    /// <summary>How far the members were from each other: the largest distance from even, of even.</summary>
    public double Spread => HeardBefore.Max(heard => Math.Abs(heard - HeardBefore.Average())) / HeardBefore.Average();

    public async Task<Findings> RunAsync()
    {
        await using var cluster = await TestCluster.StartAsync(new ClusterPlan { Silos = 2 });
        return await RunAsync(cluster);
    }

    public async Task<Findings> RunAsync(TestCluster cluster)
    {
        var prefix = Unique.Token() + "-";
        var streams = LoadFleet.StreamsOf(Publishers, prefix).FindAll(stream => stream.QoS == 1)
            .Select((stream, index) => stream with { Index = index }).ToArray();
        var chronicle = new Chronicle(streams, [new Audience(prefix + "jobs", ($"{prefix}load/#", 1)) { Members = Members }]);
        await using var fleet = new LoadFleet(chronicle);
        var load = new LoadOptions
        {
            Rate = Rate,
            Window = 100,
            Limit = messages / Publishers,
            Loyalty = int.MaxValue,
            Patience = _patience,
            Pause = TimeSpan.FromMilliseconds(100),
        };
        var members = EnlistMembers(fleet, cluster, load);
        foreach (var own in streams.GroupBy(stream => stream.Publisher))
            fleet.Enlist(Stage.Publishing, new LoadPublisher(cluster.Entrances, [.. own], chronicle, load));

        var began = Stopwatch.GetTimestamp();
        await fleet.StartAsync();
        await HalfAsync(chronicle);
        HeardBefore = [.. members.Select(member => HeardBy(chronicle, member.ClientId, IsEarly))];
        await StrikeAsync(cluster, members[^1]);
        await HeardAsync(chronicle, messages);
        var took = Stopwatch.GetElapsedTime(began);
        if (victim is ShareVictim.Gateway or ShareVictim.Silo)
            await cluster.MendAsync();

        var findings = await fleet.DrainAsync(_patience);
        say($"{victim} killed; of the first quarter the members had heard {string.Join(", ", HeardBefore)} (at most {Spread:P1} from even); "
            + $"{messages} messages in {took.TotalSeconds:0.0} s; in the end {string.Join(", ", members.Select(member => HeardBy(chronicle, member.ClientId)))}");
        say(findings.ToString());
        return findings;
    }

    /// <summary>Two on the first gateway, one on the second. Whoever lives on may go to either.</summary>
    private static LoadSubscriber[] EnlistMembers(LoadFleet fleet, TestCluster cluster, LoadOptions load)
    {
        var members = new LoadSubscriber[Members];
        for (var i = 0; i < Members; i++)
        {
            var home = cluster.Gateways[i < 2 ? 0 : 1].Entrance;
            members[i] = new LoadSubscriber([home], audience: 0, fleet.Chronicle, load, comesAndGoes: false, member: i) { IsClean = i > 0 };
            fleet.Enlist(Stage.Hearing, members[i]);
        }

        return members;
    }

    private async Task StrikeAsync(TestCluster cluster, LoadSubscriber member)
    {
        switch (victim)
        {
            case ShareVictim.Member:
                member.Die();
                break;
            case ShareVictim.Gateway:
                await cluster.Gateways[0].KillAsync();
                break;
            default:
                await cluster.Silos[0].KillAsync();
                break;
        }
    }

    /// <summary>
    /// Of the messages until the kill those that have long arrived: how far behind one gateway is at that moment is no matter
    /// of who is given how much.
    /// </summary>
    private bool IsEarly(Receipt message) => message.Number < EarlyOfEach;

    /// <summary>Waits until half of all has come, and every early one.</summary>
    private Task HalfAsync(Chronicle chronicle) => Eventually.ThatAsync(() => chronicle.DifferentCount(0) >= messages / 2
        && chronicle.CountArrivals(0, arrival => IsEarly(arrival.Message)) >= chronicle.Streams.Count * EarlyOfEach);

    /// <summary>Waits until so many different messages were heard.</summary>
    private static Task HeardAsync(Chronicle chronicle, int count) =>
        Eventually.ThatAsync(() => chronicle.DifferentCount(0) >= count);

    private static int HeardBy(Chronicle chronicle, string clientId, Func<Receipt, bool>? isCounted = null)
    {
        var visits = chronicle.Visits.Where(visit => visit.ClientId == clientId).Select(visit => visit.Number).ToHashSet();
        return chronicle.CountArrivals(0, arrival => visits.Contains(arrival.Visit) && isCounted?.Invoke(arrival.Message) != false);
    }
}
