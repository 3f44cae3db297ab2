using Orleans.Mqtt.Gateway.Link;
using Orleans.Mqtt.Sessions;

namespace Orleans.Mqtt.Gateway.Connections;

/// <summary>
/// Asks for a session until it is known that the connection has it, and gives it up when nobody wants it any more: a call
/// whose answer was lost may have taken effect, or may do so yet.
/// </summary>
internal sealed class SessionOpening(GatewayParts gateway, ISessionHostGrain session)
{
    private int _calls;

    public async Task<SessionTicket> RunAsync(SessionRequest request, CancellationToken gone)
    {
        try
        {
            return await AskAsync(request, gone);
        }
        catch (StaleEpochException late) when (_calls == 1)
        {
            // The clock of another gateway is ahead of ours. Nothing came of the only call, so that another may be made;
            // of one that was repeated the first may have gone through, and have been taken over.
            _calls = 0;
            return await RunAsync(request with { Epoch = late.Highest + 1 }, gone);
        }
    }

    private async Task<SessionTicket> AskAsync(SessionRequest request, CancellationToken gone)
    {
        try
        {
            return await Patience.UntilDoneAsync(() => CallAsync(request), gateway.Time, gateway.Log, gone);
        }
        catch (Exception failure) when (failure is not StaleEpochException)
        {
            // It was never let in, so it leaves no will. [MQTT-3.1.2-7]
            await Patience.UntilDoneAsync(
                () => session.Close(request.Epoch, CloseReason.Disconnected, null), gateway.Time, gateway.Log,
                CancellationToken.None);
            throw;
        }
    }

    private Task<SessionTicket> CallAsync(SessionRequest request)
    {
        _calls++;
        return session.Open(request);
    }
}
