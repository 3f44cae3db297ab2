using System.Collections.Concurrent;
using System.Diagnostics;

namespace Orleans.Mqtt.Tests.Support.Audit;

/// <summary>
/// All that clients saw, with times: who connected, what was sent, what was acknowledged, what arrived where in which
/// order. It is judged when all of them have ended.
/// </summary>
internal sealed class Chronicle(
    IReadOnlyList<MessageStream> streams, IReadOnlyList<Audience> audiences, Func<long>? clock = null)
{
    private readonly Func<long> _clock = clock ?? Stopwatch.GetTimestamp;
    private readonly long _began = (clock ?? Stopwatch.GetTimestamp)();
    private readonly List<Sending>[] _sendings = [.. streams.Select(_ => new List<Sending>())];
    private readonly List<Arrival>[] _arrivals = [.. audiences.Select(_ => new List<Arrival>())];
    private readonly HashSet<Receipt>[] _known = [.. audiences.Select(_ => new HashSet<Receipt>())];
    private readonly int[][] _complete = [.. audiences.Select(_ => new int[streams.Count])];
    private readonly ConcurrentQueue<Visit> _visits = [];
    private readonly ConcurrentQueue<string> _oddities = [];
    private long _acknowledgedCount;
    private long _receivedCount;
    private int _lastVisit;

    public IReadOnlyList<MessageStream> Streams => streams;

    public IReadOnlyList<Audience> Audiences => audiences;

    /// <summary>All connections, in no order.</summary>
    public IReadOnlyCollection<Visit> Visits => _visits;

    /// <summary>What no client should ever see, in words.</summary>
    public IReadOnlyCollection<string> Oddities => _oddities;

    public long AcknowledgedCount => Interlocked.Read(ref _acknowledgedCount);

    public long ReceivedCount => Interlocked.Read(ref _receivedCount);

    /// <summary>How long after the beginning something was.</summary>
    public TimeSpan Since(long at) => Stopwatch.GetElapsedTime(_began, at);

    /// <summary>A client is about to send its CONNECT.</summary>
    public Visit Begin(string clientId)
    {
        var visit = new Visit(Interlocked.Increment(ref _lastVisit), clientId, _clock);
        _visits.Enqueue(visit);
        return visit;
    }

    /// <summary>The number of the stream's next message, which is about to be sent.</summary>
    public int Send(MessageStream stream, int visit = 0)
    {
        var sendings = _sendings[stream.Index];
        lock (sendings)
        {
            sendings.Add(new Sending(_clock(), visit));
            return sendings.Count - 1;
        }
    }

    /// <summary>PUBACK or PUBCOMP has reached the publisher.</summary>
    public void Acknowledge(MessageStream stream, int number, int visit = 0)
    {
        Change(stream, number, sending => sending with { Duty = Duty.Must, AcknowledgedIn = visit });
        Interlocked.Increment(ref _acknowledgedCount);
    }

    /// <summary>The connection whose will this is has ended without a goodbye.</summary>
    public void Demand(MessageStream stream, int number) =>
        Change(stream, number, sending => sending with { Duty = Duty.Must });

    /// <summary>The broker has heard the goodbye of the connection whose will this is.</summary>
    public void Withdraw(MessageStream stream, int number) =>
        Change(stream, number, sending => sending with { Duty = Duty.MustNot });

    /// <summary>Nobody can tell whether it must arrive.</summary>
    public void Excuse(MessageStream stream, int number) =>
        Change(stream, number, sending => sending with { Duty = Duty.Excused });

    public void Receive(int audience, Receipt receipt, int visit = 0)
    {
        // The lock is for rivals, which are one audience on two connections.
        lock (_known[audience])
        {
            _arrivals[audience].Add(new Arrival(receipt, _clock(), visit));
            _known[audience].Add(receipt);
        }

        Interlocked.Increment(ref _receivedCount);
    }

    public bool HasReceived(int audience, Receipt receipt)
    {
        lock (_known[audience])
            return _known[audience].Contains(receipt);
    }

    public void Wonder(string oddity) => _oddities.Enqueue(oddity);

    public int Sent(int stream)
    {
        lock (_sendings[stream])
            return _sendings[stream].Count;
    }

    public Sending SendingOf(Receipt message)
    {
        lock (_sendings[message.Stream])
            return _sendings[message.Stream][message.Number];
    }

    /// <summary>Messages that came, each counted once.</summary>
    public int DifferentCount(int audience)
    {
        lock (_known[audience])
            return _known[audience].Count;
    }

    public int CountArrivals(int audience, Func<Arrival, bool> isCounted)
    {
        lock (_known[audience])
            return _arrivals[audience].Count(isCounted);
    }

    public IReadOnlyList<Arrival> Arrivals(int audience) => _arrivals[audience];

    /// <summary>Whether the latest messages of the stream include one that was sent since then and acknowledged.</summary>
    public bool HasAcknowledged(MessageStream stream, long since)
    {
        var sendings = _sendings[stream.Index];
        lock (sendings)
        {
            for (var number = sendings.Count - 1; number >= 0 && sendings[number].At > since; number--)
            {
                if (sendings[number].Duty is Duty.Must)
                    return true;
            }
        }

        return false;
    }

    /// <summary>Whether the latest arrivals include a message that was sent since then.</summary>
    public bool HasHeard(int audience, long since)
    {
        lock (_known[audience])
        {
            var arrivals = _arrivals[audience];
            for (var i = arrivals.Count - 1; i >= 0 && arrivals[i].At > since; i--)
            {
                if (SendingOf(arrivals[i].Message).At > since)
                    return true;
            }
        }

        return false;
    }

    /// <summary>
    /// Whether the subscriber has all that must come to it. Asked when nobody sends any more: what was looked at once is
    /// not looked at again.
    /// </summary>
    public bool HasAll(int audience) => !Missing(audience).Any();

    /// <summary>The first message of each stream that must come to the subscriber and has not yet.</summary>
    public IEnumerable<Receipt> Missing(int audience)
    {
        foreach (var stream in streams.Where(stream => audiences[audience].QoSOf(stream) is not null))
        {
            var complete = CountComplete(audience, stream.Index);
            if (complete < Sent(stream.Index))
                yield return new Receipt(stream.Index, complete);
        }
    }

    /// <summary>How many messages of the stream the subscriber has without a gap, or need not have.</summary>
    private int CountComplete(int audience, int stream)
    {
        // The members of one audience ask side by side.
        lock (_complete[audience])
        {
            ref var complete = ref _complete[audience][stream];
            while (complete < Sent(stream) && IsSettled(audience, new Receipt(stream, complete)))
                complete++;
            return complete;
        }
    }

    private bool IsSettled(int audience, Receipt message) =>
        SendingOf(message).Duty is not Duty.Must || HasReceived(audience, message);

    private void Change(MessageStream stream, int number, Func<Sending, Sending> change)
    {
        var sendings = _sendings[stream.Index];
        lock (sendings)
        {
            if (sendings[number].Duty is not Duty.Excused)
                sendings[number] = change(sendings[number]);
        }
    }
}
