using System.Text;
using Microsoft.Extensions.Options;
using NATS.Client.Core;
using Orleans.Mqtt.Ingress;
using Orleans.Mqtt.Protocol;

namespace Orleans.Mqtt.Silo.Nats;

/// <summary>
/// Publishes to MQTT what comes on subjects below the prefix. Silos of a cluster share the messages between them; order holds
/// among those that one silo takes. Whoever gave a reply subject is told the verdict.
/// </summary>
internal sealed class NatsInlet(
    IIngress ingress, IOptions<NatsOptions> options, NatsIdentity identity, NatsMetrics metrics, TimeProvider time,
    IHostApplicationLifetime lifetime, ILogger<NatsInlet> log) : IDisposable
{
    private readonly SemaphoreSlim _room = new(options.Value.MaximumUnansweredBatches);
    private InletIdentity _publisher = new(time, lifetime.ApplicationStopping);

    private string Prefix => options.Value.InPrefix;

    /// <summary>Takes messages until the life of the connection ends, but only while the silo serves.</summary>
    public async Task RunAsync(NatsConnection connection, CancellationToken life)
    {
        using var serving = CancellationTokenSource.CreateLinkedTokenSource(life, lifetime.ApplicationStopping);
        try
        {
            if (Prefix.Length > 0 && await HasStartedAsync(serving.Token))
                await TakeAllAsync(connection, serving.Token);
        }
        catch (OperationCanceledException) when (!life.IsCancellationRequested)
        {
            // The silo stops. What has been taken in may still be copied out over this connection.
        }

        await Task.Delay(Timeout.InfiniteTimeSpan, time, life);
    }

    public void Dispose() => _room.Dispose();

    private async Task<bool> HasStartedAsync(CancellationToken serving)
    {
        var started = new TaskCompletionSource();
        await using var registration = lifetime.ApplicationStarted.Register(started.SetResult);
        await started.Task.WaitAsync(serving);
        return true;
    }

    private async Task TakeAllAsync(NatsConnection connection, CancellationToken serving)
    {
        connection.MessageDropped += (_, _) =>
        {
            metrics.Received(InletOutcome.Dropped);
            return ValueTask.CompletedTask;
        };
        await using var messages = await connection.SubscribeCoreAsync(
            $"{Prefix}.>", identity.QueueGroup, NatsRawSerializer<byte[]>.Default, cancellationToken: serving);
        NatsMsg<byte[]>? held = null;
        while (held is not null || await messages.Msgs.WaitToReadAsync(serving))
        {
            var (batch, next) = await GatherAsync(connection, messages, held);
            held = next;
            await HandInAsync(connection, batch, serving);
        }
    }

    /// <summary>What is there, up to a limit; stops before a message of another origin and gives that.</summary>
    private async ValueTask<(InletBatch Batch, NatsMsg<byte[]>? Next)> GatherAsync(
        NatsConnection connection, INatsSub<byte[]> messages, NatsMsg<byte[]>? held)
    {
        if (_publisher.HasFailed)
            _publisher = new InletIdentity(time, lifetime.ApplicationStopping);

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
                await AnswerAsync(connection, message.ReplyTo, refusal);
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
            var (qos, retain, properties) = MessageHeaders.Read(message.Headers);
            batch.Add(topic, message.Data, qos, retain, properties, message.ReplyTo, _publisher.Publisher, _publisher.Next());
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
        return topic.StartsWith("$SYS/", StringComparison.Ordinal)
            ? throw new ProtocolException(ReasonCode.NotAuthorized, "Only the broker publishes there.")
            : topic;
    }

    private async Task HandInAsync(NatsConnection connection, InletBatch batch, CancellationToken serving)
    {
        if (batch.ReplyTo.Count == 0)
            return;

        await _room.WaitAsync(serving);
        var stored = RouteAsync(batch);
        await stored.Routed;
        _ = AnswerAllAsync(connection, batch, stored.Stored); // gives its room back at the end, and does not fail
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

    private async Task AnswerAllAsync(NatsConnection connection, InletBatch batch, Task stored)
    {
        var verdicts = batch.Publications;
        try
        {
            await stored;
        }
        catch (Exception failure)
        {
            // What comes later must not be stored with numbers above those that were not.
            _publisher.Fail();
            log.InletNotStored(failure.Message);
        }

        for (var i = 0; i < batch.ReplyTo.Count; i++)
        {
            metrics.Received(stored.IsCompletedSuccessfully ? InletOutcome.Published : InletOutcome.NotStored);
            await AnswerAsync(
                connection, batch.ReplyTo[i], stored.IsCompletedSuccessfully ? verdicts[i] : ReasonCode.UnspecifiedError);
        }

        verdicts.Records.Release();
        _room.Release();
    }

    private async ValueTask AnswerAsync(NatsConnection connection, string? replyTo, ReasonCode reason)
    {
        if (string.IsNullOrEmpty(replyTo))
            return;

        try
        {
            var text = $"{{\"reason\":{(int)reason},\"name\":\"{reason}\"}}";
            await connection.PublishAsync(
                replyTo, Encoding.UTF8.GetBytes(text), serializer: NatsRawSerializer<byte[]>.Default);
        }
        catch (Exception gone)
        {
            log.InletRefused("NoAnswer", gone.Message); // the connection has ended, and with it the wait for an answer
        }
    }
}
