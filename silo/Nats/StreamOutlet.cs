using System.Globalization;
using System.Text.Json;
using NATS.Client.Core;
using NATS.Client.JetStream;
using NATS.Client.JetStream.Models;

namespace Orleans.Mqtt.Silo.Nats;

/// <summary>
/// To a stream, which acknowledges each message, and by its identity tells one that is sent again from a new one. What becomes
/// of clients goes without an acknowledgement, since the stream need not have those subjects.
/// </summary>
internal sealed class StreamOutlet : ICopyOutlet
{
    private const int NotFound = 404;

    // "message size exceeds maximum allowed": it would never be taken.
    private const int MessageTooLarge = 10054;

    private readonly NatsConnection _connection;
    private readonly INatsSub<byte[]> _answers;
    private readonly CoreOutlet _core;
    private readonly string _inbox;
    private readonly TimeSpan _timeout;
    private readonly TimeProvider _time;
    private readonly NatsMetrics _metrics;
    private readonly List<int> _sent = []; // the records of the run that wait for an answer, in order
    private long _firstNumber;
    private bool _hasEvents;

    private StreamOutlet(
        NatsConnection connection, INatsSub<byte[]> answers, string inbox, TimeSpan timeout, TimeProvider time, NatsMetrics metrics)
    {
        _connection = connection;
        _answers = answers;
        _inbox = inbox;
        _timeout = timeout;
        _time = time;
        _metrics = metrics;
        _core = new CoreOutlet(connection, timeout, time);
    }

    public bool RepeatsQoS0 => true;

    /// <summary>
    /// A server that has just started answers for a stream before it takes messages for it: the first ones of a run would be
    /// refused and the later ones taken, and the order be lost when the refused ones go out again.
    /// </summary>
    public bool IsUntried { get; private set; } = true;

    /// <summary>Makes the stream where there is none of its name; one that is there stays as it is.</summary>
    public static async Task<StreamOutlet> OpenAsync(
        NatsConnection connection, NatsOptions options, TimeProvider time, NatsMetrics metrics, CancellationToken life)
    {
        await DemandStreamAsync(new NatsJSContext(connection), options, life);

        // Not one of the connection's own inboxes, which the client hands out by whole subjects only.
        var inbox = $"{connection.Opts.InboxPrefix}.{Guid.NewGuid():N}";
        var answers = await connection.SubscribeCoreAsync(
            $"{inbox}.*", serializer: NatsRawSerializer<byte[]>.Default,
            opts: new NatsSubOpts
            {
                // All answers of a run are read; none may be dropped.
                ChannelOpts = new NatsSubChannelOpts
                {
                    Capacity = MirrorRun.MostMessages,
                    FullMode = System.Threading.Channels.BoundedChannelFullMode.Wait,
                },
            },
            cancellationToken: life);
        return new StreamOutlet(connection, answers, inbox, options.Timeout, time, metrics);
    }

    public async ValueTask SendAsync(int index, Copy copy, CancellationToken life)
    {
        if (copy.IsEvent)
        {
            await _core.SendAsync(index, copy, life);
            _hasEvents = true;
            return;
        }

        var number = _firstNumber + _sent.Count;
        await _connection.PublishAsync(
            copy.Subject!, copy.Payload, copy.Headers,
            replyTo: string.Create(CultureInfo.InvariantCulture, $"{_inbox}.{number}"),
            serializer: NatsRawSerializer<ReadOnlyMemory<byte>>.Default, cancellationToken: life);
        _sent.Add(index);
    }

    public async ValueTask ConfirmAsync(MirrorRun run, CancellationToken life)
    {
        string? refusal = null;
        var isUntried = IsUntried && _sent.Count == 0;
        using var patience = new CancellationTokenSource(System.Threading.Timeout.InfiniteTimeSpan, _time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(life, patience.Token);
        try
        {
            for (var left = _sent.Count; left > 0;)
            {
                patience.CancelAfter(_timeout);
                await _answers.Msgs.WaitToReadAsync(both.Token);
                while (_answers.Msgs.TryRead(out var answer))
                {
                    if (IndexOf(answer.Subject) is not { } index)
                        continue;

                    refusal ??= Judge(answer, run, index);
                    left--;
                }
            }
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested)
        {
            await _core.ConfirmAsync(run, life); // or it is the server that does not answer
            refusal = "it does not acknowledge";
        }
        finally
        {
            _firstNumber += _sent.Count;
            _sent.Clear();
        }

        if (refusal is not null)
            throw new StreamAwayException(refusal);
        IsUntried = isUntried;
        if (_hasEvents)
            await _core.ConfirmAsync(run, life);
        _hasEvents = false;
    }

    public ValueTask DisposeAsync() => _answers.DisposeAsync();

    /// <summary>Gives the reason when the stream did not take the message but may do so later.</summary>
    private string? Judge(in NatsMsg<byte[]> answer, MirrorRun run, int index)
    {
        if (answer.HasNoResponders)
            return "no stream has the subject";

        using var json = JsonDocument.Parse(answer.Data);
        if (!json.RootElement.TryGetProperty("error", out var error))
        {
            run.Done(index);
            return null;
        }

        if (error.TryGetProperty("err_code", out var code) && code.GetInt32() == MessageTooLarge)
        {
            run.Drop(index);
            _metrics.Dropped(1, DropReason.TooLarge);
            return null;
        }

        return error.TryGetProperty("description", out var description) ? description.GetString() : "it does not say why";
    }

    /// <summary>The record that an answer is for; null when it is for a run that was given up.</summary>
    private int? IndexOf(string subject) =>
        long.TryParse(subject.AsSpan(_inbox.Length + 1), CultureInfo.InvariantCulture, out var number)
        && number - _firstNumber is >= 0 and var at && at < _sent.Count
            ? _sent[(int)at]
            : null;

    private static async Task DemandStreamAsync(NatsJSContext context, NatsOptions options, CancellationToken life)
    {
        try
        {
            await context.GetStreamAsync(options.Stream, cancellationToken: life);
        }
        catch (NatsJSApiException missing) when (missing.Error.Code == NotFound)
        {
            string[] prefixes = [options.Prefix, options.EventsPrefix];
            var subjects = prefixes.Where(prefix => prefix.Length > 0).Select(prefix => $"{prefix}.>").ToArray();
            await CreateAsync(context, new StreamConfig(options.Stream, subjects) { MaxBytes = options.StreamBytes }, life);
        }
        catch (Exception away) when (away is NatsJSException or NatsNoRespondersException)
        {
            throw new StreamAwayException(away.Message, away);
        }
    }

    private static async Task CreateAsync(NatsJSContext context, StreamConfig stream, CancellationToken life)
    {
        try
        {
            await context.CreateStreamAsync(stream, life);
        }
        catch (Exception failure) when (failure is NatsJSException or NatsNoRespondersException)
        {
            throw new StreamAwayException(failure.Message, failure);
        }
    }
}
