using System.Text;
using Orleans.Mqtt.Gateway.Link;
using Orleans.Mqtt.Messages;
using Orleans.Mqtt.Protocol;
using Orleans.Mqtt.Sessions;
using Orleans.Mqtt.Topics;

namespace Orleans.Mqtt.Gateway.Connections;

/// <summary>
/// Sends the retained messages of a new subscription, at the pace at which the client takes them. A live message that
/// comes meanwhile is newer than what was read of its topic, which is then left out.
/// </summary>
internal sealed class RetainedDelivery(GatewayParts gateway, ulong listener, Outbox outbox, OutboundFlow? live)
{
    private readonly Lock _gate = new();
    private HashSet<string>? _newer;
    private int _active;

    /// <summary>Begins to note live messages; one of the methods that send must follow.</summary>
    public void Watch()
    {
        lock (_gate)
        {
            _active++;
            _newer ??= [];
        }
    }

    public void NoteLive(ReadOnlySpan<byte> topic)
    {
        if (Volatile.Read(ref _newer) is null)
            return;
        lock (_gate)
            _newer?.Add(Encoding.UTF8.GetString(topic));
    }

    /// <summary>Returns when they are read; they may still be on their way when there are many.</summary>
    public async Task ReadAndSendAsync(Subscription[] wanted)
    {
        if (wanted.Length == 0)
        {
            End();
            return;
        }

        var retained = await Patience.UntilDoneAsync(
            () => gateway.Grains.ReadRetained(wanted), gateway.Time, gateway.Log, CancellationToken.None);
        _ = SendAsync(retained, wanted); // beside the read loop: the acknowledgements that it waits for come in there
    }

    /// <summary>Sends what a session has read; all of it goes with QoS 0.</summary>
    public void Send(MessageBatch batch) => _ = SendAsync(batch, []);

    /// <summary>The same of what is being read elsewhere, without failing.</summary>
    public async Task SendAsync(Task<MessageBatch> batch, Subscription[] wanted) => await SendAsync(await batch, wanted);

    private async Task SendAsync(MessageBatch batch, Subscription[] wanted)
    {
        try
        {
            var at = 0;
            while (at < batch.Bytes.Length && !outbox.IsClosed)
            {
                at = SendSome(batch.Bytes.Span, at, wanted);
                outbox.Flush();
                await outbox.WaitForRoomAsync();
                if (live is not null)
                    await live.WaitForRoomAsync();
            }
        }
        finally
        {
            End();
        }
    }

    private int SendSome(ReadOnlySpan<byte> bytes, int at, Subscription[] wanted)
    {
        while (at < bytes.Length)
        {
            var record = new MessageRecord(bytes[at..]);

            // Checked and written in one step: a live copy that is noted now goes out after what is written here.
            lock (_gate)
            {
                var isOld = _newer is { Count: > 0 } newer && newer.Contains(Encoding.UTF8.GetString(record.Topic));
                if (!isOld && !TrySend(record, wanted))
                    return at;
            }

            at += record.Length;
        }

        return at;
    }

    private bool TrySend(in MessageRecord record, Subscription[] wanted)
    {
        // What a session has read is ready to go: with QoS 0, and with its identifiers among the properties.
        var match = wanted.Length == 0
            ? new RetainedMatch(QoS.AtMostOnce, [])
            : RetainedReads.MatchOf(record, wanted, listener);
        return match.QoS switch
        {
            null => true,
            QoS.AtMostOnce => outbox.TryPublish(
                record, QoS.AtMostOnce, 0, retain: true, dup: false, match.Identifiers) is not Posted.NotTaken,
            { } qos => live!.TryPublish(record, qos, retain: true, match.Identifiers),
        };
    }

    private void End()
    {
        lock (_gate)
        {
            if (--_active == 0)
                _newer = null;
        }
    }
}
