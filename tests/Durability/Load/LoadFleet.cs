using Orleans.Mqtt.Tests.Durability.Audit;

namespace Orleans.Mqtt.Tests.Durability.Load;

/// <summary>All clients of one run and what they saw.</summary>
internal sealed class LoadFleet : IAsyncDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly List<LoadPublisher> _publishers = [];
    private readonly List<LoadSubscriber> _subscribers = [];
    private readonly List<Task> _publishing = [];
    private readonly List<Task> _subscribing = [];

    private LoadFleet(Chronicle chronicle) => Chronicle = chronicle;

    public Chronicle Chronicle { get; }

    /// <summary>Four publishers; subscribers that stay and that come and go, on all of it and on parts.</summary>
    public static LoadFleet Mixed(int port, LoadOptions options, int publishers = 4)
    {
        var fleet = new LoadFleet(new Chronicle(StreamsOf(publishers),
        [
            new Audience("all-2", ("load/#", 2)),
            new Audience("a-1", ("load/+/a", 1)),
            new Audience("some-2", ("load/p0/b", 2), ("load/p1/a", 2)),
            new Audience("all-1", ("load/#", 1)),
            new Audience("p1-2", ("load/p1/+", 2)),
        ]));
        fleet.Enlist(port, options, audience => audience >= 2);
        return fleet;
    }

    /// <summary>Publishers, and one subscriber that stays away until it is called.</summary>
    public static LoadFleet Backlog(int port, LoadOptions options, int publishers)
    {
        var fleet = new LoadFleet(new Chronicle(StreamsOf(publishers), [new Audience("away", ("load/#", 2))]));
        fleet.Enlist(port, options, _ => false, staysAway: true);
        return fleet;
    }

    /// <summary>Subscribers first: what comes before a SUBACK is promised to nobody.</summary>
    public async Task StartAsync()
    {
        foreach (var subscriber in _subscribers)
            _subscribing.Add(Task.Run(() => subscriber.RunAsync(_stopping.Token)));
        await Task.WhenAll(_subscribers.Select(subscriber => subscriber.Ready));
        foreach (var publisher in _publishers)
            _publishing.Add(Task.Run(() => publisher.RunAsync(_stopping.Token)));
        await Task.WhenAll(_publishers.Select(publisher => publisher.Ready));
    }

    /// <summary>Calls the subscribers that stayed away.</summary>
    public void ComeBack()
    {
        foreach (var subscriber in _subscribers)
            subscriber.ComeBack();
    }

    /// <summary>Lets the publishers end: everything that they sent is acknowledged.</summary>
    public async Task FinishPublishingAsync(TimeSpan patience)
    {
        foreach (var publisher in _publishers)
            publisher.End();
        await WaitAsync(_publishing, patience);
    }

    /// <summary>Lets everything arrive, as far as it does in that time, and gives the verdict.</summary>
    public async Task<Findings> DrainAsync(TimeSpan patience)
    {
        await FinishPublishingAsync(patience);
        foreach (var subscriber in _subscribers)
            subscriber.End();
        await WaitAsync(_subscribing, patience);
        await StopAsync();
        return Auditor.Judge(Chronicle);
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _stopping.Dispose();
    }

    private static List<MessageStream> StreamsOf(int publishers)
    {
        var streams = new List<MessageStream>();
        for (var publisher = 0; publisher < publishers; publisher++)
        {
            foreach (var (topic, qos) in new[] { ("a", 1), ("a", 2), ("b", 1), ("b", 2) })
                streams.Add(new MessageStream(streams.Count, $"p{publisher}", $"load/p{publisher}/{topic}", qos));
        }

        return streams;
    }

    private void Enlist(int port, LoadOptions options, Func<int, bool> comesAndGoes, bool staysAway = false)
    {
        foreach (var streams in Chronicle.Streams.GroupBy(stream => stream.Publisher))
            _publishers.Add(new LoadPublisher(port, [.. streams], Chronicle, options));
        for (var audience = 0; audience < Chronicle.Audiences.Count; audience++)
        {
            _subscribers.Add(
                new LoadSubscriber(port, audience, Chronicle, options, comesAndGoes(audience)) { StaysAway = staysAway });
        }
    }

    /// <summary>Waits while somebody still works; being late is noted and not thrown, for the verdict tells more.</summary>
    private async Task WaitAsync(List<Task> working, TimeSpan patience)
    {
        try
        {
            await Task.WhenAll(working).WaitAsync(patience);
        }
        catch (TimeoutException late)
        {
            Chronicle.Wonder($"not done: {late.Message}");
        }
    }

    private async Task StopAsync()
    {
        await _stopping.CancelAsync();
        try
        {
            await Task.WhenAll([.. _publishing, .. _subscribing]);
        }
        catch (Exception ended) when (ended is OperationCanceledException or TimeoutException)
        {
            // Who was still at work was told to stop, or had given up, which was noted when it was waited for.
        }
    }
}
