using System.Collections.Concurrent;

namespace Orleans.Mqtt.Tests.Durability.Audit;

/// <summary>
/// All that clients saw: what was sent, what was acknowledged, what arrived where in which order. Each stream is written by
/// its publisher alone and each list of receipts by its subscriber alone; it is judged when all of them have ended.
/// </summary>
internal sealed class Chronicle(IReadOnlyList<MessageStream> streams, IReadOnlyList<Audience> audiences)
{
    private readonly int[] _sent = new int[streams.Count];
    private readonly List<bool>[] _acknowledged = [.. streams.Select(_ => new List<bool>())];
    private readonly List<Receipt>[] _receipts = [.. audiences.Select(_ => new List<Receipt>())];
    private readonly HashSet<Receipt>[] _known = [.. audiences.Select(_ => new HashSet<Receipt>())];
    private readonly ConcurrentQueue<string> _oddities = [];
    private long _acknowledgedCount;
    private long _receivedCount;

    public IReadOnlyList<MessageStream> Streams => streams;

    public IReadOnlyList<Audience> Audiences => audiences;

    /// <summary>What no client should ever see, in words.</summary>
    public IReadOnlyCollection<string> Oddities => _oddities;

    public long AcknowledgedCount => Interlocked.Read(ref _acknowledgedCount);

    public long ReceivedCount => Interlocked.Read(ref _receivedCount);

    /// <summary>The number of the stream's next message.</summary>
    public int Send(MessageStream stream)
    {
        _acknowledged[stream.Index].Add(false);
        return _sent[stream.Index]++;
    }

    /// <summary>PUBACK or PUBCOMP has reached the publisher.</summary>
    public void Acknowledge(MessageStream stream, int number)
    {
        _acknowledged[stream.Index][number] = true;
        Interlocked.Increment(ref _acknowledgedCount);
    }

    public void Receive(int audience, Receipt receipt)
    {
        _receipts[audience].Add(receipt);
        _known[audience].Add(receipt);
        Interlocked.Increment(ref _receivedCount);
    }

    public void Wonder(string oddity) => _oddities.Enqueue(oddity);

    public int Sent(int stream) => _sent[stream];

    public bool IsAcknowledged(int stream, int number) => _acknowledged[stream][number];

    public IReadOnlyList<Receipt> Receipts(int audience) => _receipts[audience];

    /// <summary>Whether the subscriber has all that was sent to it so far. Asked by the subscriber itself.</summary>
    public bool HasAll(int audience) => _known[audience].Count >= streams
        .Where(stream => audiences[audience].QoSOf(stream) is not null)
        .Sum(stream => (long)Volatile.Read(ref _sent[stream.Index]));
}
