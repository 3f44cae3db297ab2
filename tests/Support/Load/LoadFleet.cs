using Orleans.Mqtt.Tests.Support.Audit;

namespace Orleans.Mqtt.Tests.Support.Load;

/// <summary>In which order clients end; they start in the opposite one.</summary>
internal enum Stage
{
    /// <summary>Makes others publish, by asking them or by what it does.</summary>
    Prompting,

    Publishing,

    /// <summary>Ends when it has all that was sent. Starts first: what comes before a SUBACK is promised to nobody.</summary>
    Hearing,
}

/// <summary>All clients of one run and what they saw.</summary>
internal sealed class LoadFleet(Chronicle chronicle) : IAsyncDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly List<(Stage Stage, LoadClient Client)> _clients = [];
    private readonly List<(Stage Stage, Task Work)> _works = [];

    public Chronicle Chronicle => chronicle;

    public IEnumerable<LoadClient> Clients => _clients.Select(enlisted => enlisted.Client);

    /// <summary>Four publishers; subscribers that stay and that come and go, on all of it and on parts.</summary>
    public static LoadFleet Mixed(Entrance entrance, LoadOptions options, int publishers = 4)
    {
        var fleet = new LoadFleet(new Chronicle(StreamsOf(publishers),
        [
            new Audience("all-2", ("load/#", 2)),
            new Audience("a-1", ("load/+/a", 1)),
            new Audience("some-2", ("load/p0/b", 2), ("load/p1/a", 2)),
            new Audience("all-1", ("load/#", 1)),
            new Audience("p1-2", ("load/p1/+", 2)),
            new Audience("shared-2", ("load/#", 2)) { Members = 3 },
            new Audience("shared-1", ("load/+/a", 1)) { Members = 3 },
        ]));
        fleet.Enlist(entrance, options, audience => audience >= 2);
        return fleet;
    }

    /// <summary>Publishers, and one subscriber that stays away until it is called.</summary>
    public static LoadFleet Backlog(Entrance entrance, LoadOptions options, int publishers)
    {
        var fleet = new LoadFleet(new Chronicle(StreamsOf(publishers), [new Audience("away", ("load/#", 2))]));
        fleet.Enlist(entrance, options, _ => false, staysAway: true);
        return fleet;
    }

    /// <summary>Four streams a publisher: two topics, each with QoS 1 and 2. The prefix tells fleets on one cluster apart.</summary>
    public static List<MessageStream> StreamsOf(int publishers, string prefix = "")
    {
        var streams = new List<MessageStream>();
        for (var publisher = 0; publisher < publishers; publisher++)
        {
            foreach (var (topic, qos) in new[] { ("a", 1), ("a", 2), ("b", 1), ("b", 2) })
                streams.Add(new MessageStream(
                    streams.Count, $"{prefix}p{publisher}", $"{prefix}load/p{publisher}/{topic}", qos));
        }

        return streams;
    }

    public void Enlist(Stage stage, LoadClient client) => _clients.Add((stage, client));

    /// <summary>Stage by stage, the last to end being the first to start; returns when all were in once.</summary>
    public async Task StartAsync()
    {
        foreach (var stage in Enum.GetValues<Stage>().Reverse())
        {
            foreach (var client in ClientsOf(stage))
                _works.Add((stage, Task.Run(() => client.RunAsync(_stopping.Token))));
            await Task.WhenAll(ClientsOf(stage).Select(client => client.Ready));
        }
    }

    /// <summary>Calls the subscribers that stayed away.</summary>
    public void ComeBack()
    {
        foreach (var subscriber in Clients.OfType<LoadSubscriber>())
            subscriber.ComeBack();
    }

    /// <summary>Lets the publishers end: everything that they sent is acknowledged.</summary>
    public async Task FinishPublishingAsync(TimeSpan patience)
    {
        await FinishAsync(Stage.Prompting, patience);
        await FinishAsync(Stage.Publishing, patience);
    }

    /// <summary>Lets everything arrive, as far as it does in that time, and gives the verdict.</summary>
    public async Task<Findings> DrainAsync(TimeSpan patience)
    {
        await FinishPublishingAsync(patience);
        await FinishAsync(Stage.Hearing, patience);
        await StopAsync();
        return Auditor.Judge(chronicle);
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        foreach (var client in Clients.OfType<IDisposable>())
            client.Dispose();
        _stopping.Dispose();
    }

    private LoadClient[] ClientsOf(Stage stage) =>
        [.. _clients.Where(enlisted => enlisted.Stage == stage).Select(enlisted => enlisted.Client)];

    private void Enlist(Entrance entrance, LoadOptions options, Func<int, bool> comesAndGoes, bool staysAway = false)
    {
        foreach (var streams in chronicle.Streams.GroupBy(stream => stream.Publisher))
            Enlist(Stage.Publishing, new LoadPublisher([entrance], [.. streams], chronicle, options));
        for (var audience = 0; audience < chronicle.Audiences.Count; audience++)
        {
            if (chronicle.Audiences[audience].IsShared)
                EnlistMembers([entrance], audience, options);
            else
                Enlist(
                    Stage.Hearing,
                    new LoadSubscriber([entrance], audience, chronicle, options, comesAndGoes(audience)) { StaysAway = staysAway });
        }
    }

    /// <summary>
    /// All who share a subscription. Where QoS 2 is promised, their sessions are kept: what was sent to one that ends, ends
    /// with it [MQTT-4.8.2-5]. Else one is, or nobody would be there for a message while all are away.
    /// </summary>
    public void EnlistMembers(IReadOnlyList<Entrance> entrances, int audience, LoadOptions options)
    {
        var who = chronicle.Audiences[audience];
        var isExact = who.Subscriptions.Any(subscription => subscription.QoS == 2);
        for (var member = 0; member < who.Members; member++)
        {
            Enlist(
                Stage.Hearing,
                new LoadSubscriber(entrances, audience, chronicle, options, comesAndGoes: member > 0, member)
                {
                    IsClean = member > 0 && !isExact,
                });
        }
    }

    /// <summary>Waits while somebody still works; being late is noted and not thrown, for the verdict tells more.</summary>
    private async Task FinishAsync(Stage stage, TimeSpan patience)
    {
        var clients = ClientsOf(stage);
        foreach (var client in clients)
            client.End();
        var works = _works.Where(work => work.Stage == stage).Select(work => work.Work).ToArray();
        try
        {
            await Task.WhenAll(works).WaitAsync(patience);
        }
        catch (TimeoutException late)
        {
            var busy = clients.Where((_, index) => !works[index].IsCompletedSuccessfully).Select(client => client.ToString());
            chronicle.Wonder($"{stage} was not done: {late.Message} {string.Join(", ", busy)}");
        }
    }

    private async Task StopAsync()
    {
        await _stopping.CancelAsync();
        try
        {
            await Task.WhenAll(_works.Select(work => work.Work));
        }
        catch (Exception ended) when (ended is OperationCanceledException or TimeoutException)
        {
            // Who was still at work was told to stop, or had given up, which was noted when it was waited for.
        }
    }
}
