using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Mqtt.Gateway.Listeners;
using Orleans.Mqtt.Protocol;
using Orleans.Mqtt.Protocol.Packets;
using Orleans.Mqtt.Security;

namespace Orleans.Mqtt.Gateway.Security;

/// <summary>
/// Asks the authenticator about each CONNECT, and keeps that within bounds: how many wait, how long, and how often one
/// address may fail.
/// </summary>
internal sealed class Doorkeeper(
    IAuthenticator authenticator, Throttle throttle, IOptions<SecurityOptions> security, IOptions<GatewayOptions> gateway,
    GatewayMetrics metrics, TimeProvider time, ILogger<Doorkeeper> log)
{
    private int _waiting;

    public async ValueTask<LoginVerdict> CheckAsync(ConnectPacket connect, string clientId, ConnectionContext transport)
    {
        var address = (transport.RemoteEndPoint as IPEndPoint)?.Address ?? IPAddress.None;
        if (Interlocked.Increment(ref _waiting) > security.Value.MaximumWaitingLogins)
        {
            Interlocked.Decrement(ref _waiting);
            return LoginVerdict.Refuse(ReasonCode.ServerBusy);
        }

        metrics.LoginBegun();
        var isCounted = throttle.TryBegin(address);
        try
        {
            var verdict = await AskAsync(CredentialsOf(connect, clientId, transport, !isCounted), transport.ConnectionClosed);
            if (verdict.Client is null && isCounted) // who is over the limit does not fill the log, either
                log.LoginRefused(address, verdict.Reason);
            if (isCounted && !IsFailure(verdict.Reason))
                throttle.Forgive(address);
            return verdict;
        }
        finally
        {
            metrics.LoginEnded();
            Interlocked.Decrement(ref _waiting);
        }
    }

    private async ValueTask<LoginVerdict> AskAsync(Credentials credentials, CancellationToken gone)
    {
        using var patience = new CancellationTokenSource(gateway.Value.ConnectTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, gone);
        try
        {
            var verdict = await authenticator.Authenticate(credentials, either.Token);
            return verdict.Client is null && !verdict.Reason.IsError()
                ? LoginVerdict.Refuse(ReasonCode.NotAuthorized) // a verdict that nobody made lets nobody in
                : verdict;
        }
        catch (OperationCanceledException) when (either.IsCancellationRequested)
        {
            return LoginVerdict.Refuse(ReasonCode.ServerBusy);
        }
        catch (Exception failure)
        {
            log.LoginNotChecked(failure);
            return LoginVerdict.Refuse(ReasonCode.ServerUnavailable);
        }
    }

    private static bool IsFailure(ReasonCode reason) =>
        reason is ReasonCode.BadUserNameOrPassword or ReasonCode.NotAuthorized or ReasonCode.Banned;

    private static Credentials CredentialsOf(
        ConnectPacket connect, string clientId, ConnectionContext transport, bool hasFailedTooOften)
    {
        var listener = transport.Features.Get<ListenerFeature>()?.Address;
        var remote = transport.RemoteEndPoint as IPEndPoint;
        return new Credentials
        {
            ClientId = clientId,
            UserName = connect.UserName,
            Password = connect.Password,
            RemoteAddress = remote,
            Certificate = transport.Features.Get<ITlsConnectionFeature>()?.ClientCertificate,
            Version = connect.Version,
            Listener = listener?.Text ?? "",
            IsLocal = listener is { IsLocal: true } && remote is not null && IPAddress.IsLoopback(remote.Address),
            HasFailedTooOften = hasFailedTooOften,
        };
    }
}
