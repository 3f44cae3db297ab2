using System.Text;
using Microsoft.Extensions.Options;
using NATS.Client.Core;
using Orleans.Mqtt.Ingress;
using Orleans.Mqtt.Protocol;
using Orleans.Mqtt.Protocol.Topics;

namespace Orleans.Mqtt.Silo.Nats;

/// <summary>
/// Publishes to MQTT what comes on subjects below the prefix. Silos of a cluster share the messages between them; order holds
/// among those that one silo takes. Whoever gave a reply subject is told the verdict.
/// </summary>
internal sealed class NatsInlet(
    IIngress ingress, IOptions<NatsOptions> options, NatsIdentity identity, NatsMetrics metrics, TimeProvider time,
    ILogger<NatsInlet> log) : IDisposable
{
    private readonly SemaphoreSlim _room = new(options.Value.MaximumUnansweredBatches);
    private readonly TaskCompletionSource _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _closing = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _gone = new();
    private InletIdentity? _publisher;
    private Task _taking = Task.CompletedTask;

    private string Prefix => options.Value.InPrefix;

    /// <summary>The silo serves: messages may come in.</summary>
    public void Open() => _opened.TrySetResult();

    /// <summary>No more come in; what is in is published and answered, as long as that takes no longer than it may.</summary>
    public async Task CloseAsync(TimeSpan patience)
    {
        _closing.TrySetResult();
        await Task.WhenAny(_taking, Task.Delay(patience, time));
        await _gone.CancelAsync();
    }

    /// <summary>Takes messages until the life of the connection ends, but only while the silo serves.</summary>
    public async Task RunAsync(NatsConnection connection, CancellationToken life)
    {
        await _opened.Task.WaitAsync(life);
        if (Prefix.Length > 0 && !_closing.Task.IsCompleted)
            await (_taking = TakeAllAsync(connection, life));

        // What else the silo has to say when it stops leaves over this connection.
        await Task.Delay(Timeout.InfiniteTimeSpan, time, life);
    }

    public void Dispose()
    {
        _room.Dispose();
        _gone.Dispose();
    }

    private async Task TakeAllAsync(NatsConnection connection, CancellationToken life)
    {
        connection.MessageDropped += (_, _) =>
        {
            metrics.Received(InletOutcome.Dropped);
            return ValueTask.CompletedTask;
        };
        await using var messages = await connection.SubscribeCoreAsync(
            $"{Prefix}.>", identity.QueueGroup, NatsRawSerializer<byte[]>.Default, cancellationToken: life);
        var draining = DrainAsync(messages, life);
        NatsMsg<byte[]>? held = null;
        while (held is not null || await messages.Msgs.WaitToReadAsync(life))
        {
            var (batch, next) = await GatherAsync(connection, messages, held, life);
            held = next;
            await HandInAsync(connection, batch, life);
        }

        await draining;
        for (var i = 0; i < options.Value.MaximumUnansweredBatches; i++)
            await _room.WaitAsync(life);
    }

    private async Task DrainAsync(INatsSub<byte[]> messages, CancellationToken life)
    {
        await _closing.Task.WaitAsync(life);
        await messages.DrainAsync(life);
    }

    /// <summary>What is there, up to a limit; stops before a message of another origin and gives that.</summary>
    private async ValueTask<(InletBatch Batch, NatsMsg<byte[]>? Next)> GatherAsync(
        NatsConnection connection, INatsSub<byte[]> messages, NatsMsg<byte[]>? held, CancellationToken life)
    {
        if (_publisher is null or { HasFailed: true })
            _publisher = new InletIdentity(time, _gone.Token);

        var batch = new InletBatch();
        string? origin = null;
        while (!batch.IsFull && (held ?? Read(messages)) is { } message)
        {
            held = null;
            var its = MessageHeaders.OriginOf(message.Headers);
            if (batch.ReplyTo.Count > 0 && its != origin)
                return (batch, message);

            origin = its;
            batch.Publications.Source = _publisher.From(origin);
            if (TryAdd(message, batch) is { } refusal)
                await AnswerAsync(connection, message.ReplyTo, refusal, life);
        }

        return (batch, null);
    }

    private static NatsMsg<byte[]>? Read(INatsSub<byte[]> messages) =>
        messages.Msgs.TryRead(out var message) ? message : null;

    /// <summary>Gives the reason when the message may not go in.</summary>
    private ReasonCode? TryAdd(in NatsMsg<byte[]> message, InletBatch batch)
    {
        if (MessageHeaders.HasPassed(message.Headers, identity.Origin))
        {
            metrics.Received(InletOutcome.Loop);
            return ReasonCode.ImplementationSpecificError;
        }

        try
        {
            var topic = TopicOf(message.Subject);
            var asked = MessageHeaders.Read(message.Headers);
            batch.Add(
                topic, message.Data, asked, message.ReplyTo, _publisher!.Publisher, _publisher.Next(), time.GetUtcNow());
            return null;
        }
        catch (ProtocolException mistake)
        {
            metrics.Received(InletOutcome.Refused);
            log.InletRefused(mistake.Reason.ToString(), mistake.Message);
            return mistake.Reason;
        }
    }

    private string TopicOf(string subject)
    {
        var topic = SubjectMap.ToTopic(subject[(Prefix.Length + 1)..])
            ?? throw new ProtocolException(ReasonCode.TopicNameInvalid, "The subject is that of no topic.");
        return SysTopic.Is(DelayedTopic.TargetOf(Encoding.UTF8.GetBytes(topic)))
            ? throw new ProtocolException(ReasonCode.NotAuthorized, "Only the broker publishes there.")
            : topic;
    }

    private async Task HandInAsync(NatsConnection connection, InletBatch batch, CancellationToken life)
    {
        if (batch.ReplyTo.Count == 0)
            return;

        await _room.WaitAsync(life);
        var stored = RouteAsync(batch);
        await stored.Routed;
        _ = AnswerAllAsync(connection, batch, stored.Stored, life); // gives its room back at the end, and does not fail
    }

    /// <summary>Order is fixed when the first ends, and all is stored when the second does.</summary>
    private (Task Routed, Task Stored) RouteAsync(InletBatch batch)
    {
        var routed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return (routed.Task, PrepareAndRouteAsync());

        async Task PrepareAndRouteAsync()
        {
            ValueTask stored;
            try
            {
                await ingress.WaitForRoom();
                if (batch.Publications.HasRetained)
                    await ingress.Admit(batch.Publications);
                stored = ingress.Route(batch.Publications);
            }
            finally
            {
                routed.SetResult();
            }

            await stored;
        }
    }

    private async Task AnswerAllAsync(NatsConnection connection, InletBatch batch, Task stored, CancellationToken life)
    {
        var verdicts = batch.Publications;
        try
        {
            await stored;
        }
        catch (Exception failure)
        {
            // What comes later must not be stored with numbers above those that were not.
            _publisher?.Fail();
            log.InletNotStored(failure.Message);
        }

        for (var i = 0; i < batch.ReplyTo.Count; i++)
        {
            metrics.Received(stored.IsCompletedSuccessfully ? InletOutcome.Published : InletOutcome.NotStored);
            await AnswerAsync(
                connection, batch.ReplyTo[i], stored.IsCompletedSuccessfully ? verdicts[i] : ReasonCode.UnspecifiedError, life);
        }

        verdicts.Records.Release();
        _room.Release();
    }

    private async ValueTask AnswerAsync(
        NatsConnection connection, string? replyTo, ReasonCode reason, CancellationToken life)
    {
        if (string.IsNullOrEmpty(replyTo))
            return;

        try
        {
            var text = $"{{\"reason\":{(int)reason},\"name\":\"{reason}\"}}";
            await connection.PublishAsync(
                replyTo, Encoding.UTF8.GetBytes(text), serializer: NatsRawSerializer<byte[]>.Default, cancellationToken: life);
        }
        catch (Exception gone)
        {
            log.VerdictNotSent(gone.Message); // the connection has ended, and with it the wait for an answer
        }
    }
}
