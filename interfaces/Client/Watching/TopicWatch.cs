using System.Threading.Channels;
using Orleans.Mqtt.Messages;

namespace Orleans.Mqtt.Client.Watching;

/// <summary>
/// The live messages of one filter, as they come. Whoever reads too slowly misses the newest and can see how many; nobody else is
/// held up. Messages of one publisher on one topic with one QoS come in order, and none twice.
/// </summary>
public sealed class TopicWatch : IAsyncEnumerable<Message>, IAsyncDisposable
{
    private readonly Channel<Message> _waiting;
    private readonly WatchTable _table;
    private readonly WatchMetrics _metrics;
    private readonly long _mostBytes;
    private long _bytes;
    private long _missed;
    private int _interruptions;

    internal TopicWatch(string filter, WatchOptions options, WatchTable table, WatchMetrics metrics)
    {
        Filter = filter;
        _table = table;
        _metrics = metrics;
        _mostBytes = options.MaximumWaitingBytes;
        _waiting = Channel.CreateBounded<Message>(new BoundedChannelOptions(options.MaximumWaitingMessages)
        {
            SingleWriter = true, // the table's lock
        });
    }

    public string Filter { get; }

    /// <summary>
    /// Messages that there was no room for: here, because the reader was slow, or on the way to this process, whichever of its
    /// watches they were for.
    /// </summary>
    public long Missed => Interlocked.Read(ref _missed);

    /// <summary>
    /// How often the cluster had given this process up, because it hung or could not be reached. What was published meanwhile
    /// was missed and not counted.
    /// </summary>
    public int Interruptions => Volatile.Read(ref _interruptions);

    /// <summary>Each message goes to one reader. Ends when the watch is disposed of, or its process stops.</summary>
    public async IAsyncEnumerator<Message> GetAsyncEnumerator(CancellationToken cancellationToken = default)
    {
        while (await _waiting.Reader.WaitToReadAsync(cancellationToken))
        {
            while (_waiting.Reader.TryRead(out var message))
            {
                Interlocked.Add(ref _bytes, -SizeOf(message));
                yield return message;
            }
        }
    }

    /// <summary>Ends the watch; the cluster is told within a second.</summary>
    public ValueTask DisposeAsync()
    {
        _table.Remove(this);
        End();
        return ValueTask.CompletedTask;
    }

    internal void Offer(Message message)
    {
        var size = SizeOf(message);
        if (Interlocked.Read(ref _bytes) + size <= _mostBytes && _waiting.Writer.TryWrite(message))
        {
            Interlocked.Add(ref _bytes, size);
            _metrics.Received();
        }
        else
        {
            Miss(1);
        }
    }

    internal void Miss(long count)
    {
        Interlocked.Add(ref _missed, count);
        _metrics.Missed(count);
    }

    internal void Interrupt() => Interlocked.Increment(ref _interruptions);

    internal void End() => _waiting.Writer.TryComplete();

    private static long SizeOf(Message message) => message.Topic.Length + message.Payload.Length;
}
