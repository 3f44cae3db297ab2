using Microsoft.AspNetCore.Connections;
using Orleans.Mqtt.Protocol;
using Orleans.Mqtt.Protocol.Packets;
using Orleans.Mqtt.Sessions;

namespace Orleans.Mqtt.Gateway.Connections;

/// <summary>
/// How the server ends a connection. A client of MQTT 5 is told why and has a moment to hear it; an older one cannot be
/// told, so that its socket is closed at once.
/// </summary>
internal sealed class Departure(
    Outbox outbox, ClientTerms terms, ConnectionContext transport, GatewayParts gateway, Overdue connection)
{
    /// <summary>Who does not take the last words in this time is cut off.</summary>
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(2);

    private int _deadline = Overdue.Never;

    public bool HasBegun => Deadline != Overdue.Never;

    /// <summary>The tick by which it must be over.</summary>
    public int Deadline => Volatile.Read(ref _deadline);

    /// <summary>When it returns, nothing more is sent or acknowledged. The first reason counts.</summary>
    public void Begin(ReasonCode reason, string? why = null)
    {
        var deadline = gateway.Heartbeat.In(_patience);
        if (Interlocked.CompareExchange(ref _deadline, deadline, Overdue.Never) != Overdue.Never)
            return;

        if (terms.IsVersion5)
        {
            gateway.Heartbeat.Watch(connection, deadline);
            _ = LeaveAsync(LastWords(reason, why)); // ends with the transport, which is aborted when it takes too long
            return;
        }

        outbox.Close();
        Abort(reason);
    }

    /// <summary>For a trouble on the way, to a client of MQTT 5 that is still there.</summary>
    public void Explain(Exception trouble)
    {
        if (!terms.IsVersion5 || transport.ConnectionClosed.IsCancellationRequested)
            return;

        switch (trouble)
        {
            case ProtocolException mistake: Begin(mistake.Reason, mistake.Message); break;
            case StaleEpochException: Begin(ReasonCode.SessionTakenOver); break;
            case OperationCanceledException or IOException: Begin(ReasonCode.ServerBusy); break;
            default: Begin(ReasonCode.UnspecifiedError); break;
        }
    }

    /// <summary>It took too long.</summary>
    public void CutOff() => Abort(ReasonCode.UnspecifiedError);

    /// <summary>
    /// Reads past what the client still says, until the connection has ended: to close a socket on unread bytes would take
    /// the last words away from the client.
    /// </summary>
    public async Task DrainAsync()
    {
        var input = transport.Transport.Input;
        try
        {
            while (true)
            {
                var read = await input.ReadAsync();
                input.AdvanceTo(read.Buffer.End);
                if (read.IsCompleted || read.IsCanceled)
                    return;
            }
        }
        catch (Exception gone) when (gone is OperationCanceledException or IOException)
        {
            // this is the end that is waited for
        }
    }

    private async Task LeaveAsync(DisconnectPacket lastWords)
    {
        try
        {
            await outbox.CloseAsync(lastWords);
            await transport.Transport.Output.CompleteAsync(); // the transport sends what it has, and hangs up
        }
        catch (Exception)
        {
            Abort(lastWords.Reason); // nobody is there to hear them
        }
    }

    private DisconnectPacket LastWords(ReasonCode reason, string? why)
    {
        var words = new DisconnectPacket
        {
            Reason = PacketType.Disconnect.Allows(reason) ? reason : ReasonCode.UnspecifiedError,
            ServerReference = gateway.Options.ReferenceFor(reason),
        };
        var explained = new DisconnectPacket
        {
            Reason = words.Reason,
            ServerReference = words.ServerReference,
            ReasonString = terms.WantsReasons ? why ?? Explanations.Of(reason) : null,
        };
        return outbox.Fits(explained) ? explained : outbox.Fits(words) ? words : new DisconnectPacket { Reason = words.Reason };
    }

    private void Abort(ReasonCode reason) => transport.Abort(new ConnectionAbortedException(reason.ToString()));
}
