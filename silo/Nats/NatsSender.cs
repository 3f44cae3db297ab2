using Microsoft.Extensions.Options;
using NATS.Client.Core;
using Orleans.Mqtt.Ingress;
using Orleans.Mqtt.Messages;
using Orleans.Mqtt.Protocol;

namespace Orleans.Mqtt.Silo.Nats;

/// <summary>
/// Takes runs out of the mirror's buffer and sends them, one under way at a time: what gathers meanwhile is the next one. A
/// run stays in the buffer until NATS has it, so that it goes out again over the next connection.
/// </summary>
internal sealed class NatsSender(
    NatsMirror mirror, CopyWriter copies, IOptions<NatsOptions> options, NatsMetrics metrics, TimeProvider time,
    ILogger<NatsSender> log)
{
    private volatile bool _isReady;
    private bool _isStreamAway;

    /// <summary>NATS, and the stream where there is to be one, take what we send.</summary>
    public bool IsReady => _isReady;

    /// <summary>Sends until the life of the connection ends.</summary>
    public async Task RunAsync(NatsConnection connection, CancellationToken life)
    {
        while (true)
        {
            try
            {
                await using var outlet = await OpenAsync(connection, life);
                await SendAllAsync(outlet, life);
            }
            catch (StreamAwayException away)
            {
                if (!_isStreamAway)
                    log.StreamAway(options.Value.Stream, away.Message);
                _isStreamAway = true;
            }
            finally
            {
                _isReady = false;
            }

            await Task.Delay(options.Value.ReconnectPause, time, life);
        }
    }

    private async Task<ICopyOutlet> OpenAsync(NatsConnection connection, CancellationToken life) => options.Value.JetStream
        ? await StreamOutlet.OpenAsync(connection, options.Value, time, metrics, life)
        : new CoreOutlet(connection, options.Value.Timeout, time);

    private async Task SendAllAsync(ICopyOutlet outlet, CancellationToken life)
    {
        while (true)
        {
            if (mirror.Buffer.TryPeek(out var run))
            {
                await SendAsync(run, outlet, life);
                metrics.Mirrored(run.Records.Count - run.Dropped);
                mirror.Buffer.Complete(run);
                NoteReady();
                continue;
            }

            NoteReady();
            await mirror.Buffer.ArrivalAsync().WaitAsync(life);
        }
    }

    private void NoteReady()
    {
        _isReady = true;
        if (_isStreamAway)
            log.StreamReady(options.Value.Stream);
        _isStreamAway = false;
    }

    /// <summary>Sends what is left to send of a run; returns when NATS has it.</summary>
    internal async Task SendAsync(MirrorRun run, ICopyOutlet outlet, CancellationToken life)
    {
        var (index, at) = (0, 0);
        foreach (var stretch in run.Stretches)
        {
            for (var left = stretch.Count; left > 0; left--, index++)
            {
                if (IsWanted(run, index, at, outlet))
                    await SendAsync(run, index, copies.Write(run, index, at, stretch.Source), stretch.Source, outlet, life);
                at += RecordEnumerator.LengthAt(run.Records.Bytes, at);
            }
        }

        await outlet.ConfirmAsync(run, life);
    }

    private async ValueTask SendAsync(
        MirrorRun run, int index, Copy copy, PublicationSource? source, ICopyOutlet outlet, CancellationToken life)
    {
        var drop = DropReason.NoSubject;
        if (copy.Subject is not null)
        {
            try
            {
                run.Sent = Math.Max(run.Sent, index + 1);
                await outlet.SendAsync(index, copy, life);
                if (outlet.IsUntried && !copy.IsEvent)
                    await outlet.ConfirmAsync(run, life);
                return;
            }
            catch (NatsPayloadTooLargeException)
            {
                drop = DropReason.TooLarge; // the server would close the connection upon it, again and again
            }
        }

        Drop(run, index, drop);
        log.NotCopied(source?.ClientId ?? "", drop);
    }

    private bool IsWanted(MirrorRun run, int index, int at, ICopyOutlet outlet)
    {
        if (run.IsDone(index))
            return false;
        if (index >= run.Sent || outlet.RepeatsQoS0 || new MessageRecord(run.Records.Bytes[at..]).QoS is not QoS.AtMostOnce)
            return true;

        Drop(run, index, DropReason.Interrupted);
        return false;
    }

    private void Drop(MirrorRun run, int index, DropReason reason)
    {
        run.Drop(index);
        metrics.Dropped(1, reason);
    }
}
