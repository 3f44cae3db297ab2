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
/// Asks the authenticator about each CONNECT, or a method about each step of an exchange, and keeps that within bounds: how
/// many wait, how long, and how often one address may fail.
/// </summary>
internal sealed class Doorkeeper(
    IAuthenticator authenticator, AuthenticationMethods methods, Throttle throttle, IOptions<SecurityOptions> security, IOptions<GatewayOptions> gateway,
    GatewayMetrics metrics, TimeProvider time, ILogger<Doorkeeper> log)
{
    private int _waiting;

    /// <summary>A login by what CONNECT itself shows.</summary>
    public ValueTask<AuthenticationStep> CheckAsync(ConnectPacket connect, string clientId, ConnectionContext transport) =>
        BoundAsync(transport, async (isBeyond, patience) =>
        {
            var credentials = CredentialsOf(clientId, connect.UserName, connect.Password, connect.Version, transport, isBeyond);
            return AuthenticationStep.Of(await authenticator.Authenticate(credentials, patience));
        });

    /// <summary>An exchange, for a CONNECT or for a client that is in; null when the method is not known. [MQTT-4.12.0-1]</summary>
    public IAuthenticationExchange? Begin(
        string method, string clientId, string? userName, ReadOnlyMemory<byte>? password, ConnectionContext transport) =>
        methods.Find(method)?.Begin(
            CredentialsOf(clientId, userName, password, ProtocolVersion.V5, transport, hasFailedTooOften: false));

    /// <summary>One step of an exchange. A step that asks for more is no failure: it tells the client nothing.</summary>
    public ValueTask<AuthenticationStep> AdvanceAsync(
        IAuthenticationExchange exchange, ReadOnlyMemory<byte>? data, ConnectionContext transport) =>
        BoundAsync(transport, (isBeyond, patience) => isBeyond
            ? ValueTask.FromResult(AuthenticationStep.Refuse(ReasonCode.ConnectionRateExceeded))
            : exchange.Advance(data, patience));

    private async ValueTask<AuthenticationStep> BoundAsync(
        ConnectionContext transport, Func<bool, CancellationToken, ValueTask<AuthenticationStep>> ask)
    {
        var address = (transport.RemoteEndPoint as IPEndPoint)?.Address ?? IPAddress.None;
        if (Interlocked.Increment(ref _waiting) > security.Value.MaximumWaitingLogins)
        {
            Interlocked.Decrement(ref _waiting);
            return AuthenticationStep.Refuse(ReasonCode.ServerBusy);
        }

        metrics.LoginBegun();
        var isCounted = throttle.TryBegin(address);
        try
        {
            var step = await AskAsync(patience => ask(!isCounted, patience), transport.ConnectionClosed);
            if (step.Reason.IsError() && isCounted) // who is over the limit does not fill the log, either
                log.LoginRefused(address, step.Reason);
            if (isCounted && !IsFailure(step.Reason))
                throttle.Forgive(address);
            return step;
        }
        finally
        {
            metrics.LoginEnded();
            Interlocked.Decrement(ref _waiting);
        }
    }

    private async ValueTask<AuthenticationStep> AskAsync(
        Func<CancellationToken, ValueTask<AuthenticationStep>> ask, CancellationToken gone)
    {
        using var patience = new CancellationTokenSource(gateway.Value.ConnectTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, gone);
        try
        {
            var step = await ask(either.Token);
            return step is { Client: null, Reason: ReasonCode.Success }
                ? AuthenticationStep.Refuse(ReasonCode.NotAuthorized) // a verdict that nobody made lets nobody in
                : step;
        }
        catch (OperationCanceledException) when (either.IsCancellationRequested)
        {
            return AuthenticationStep.Refuse(ReasonCode.ServerBusy);
        }
        catch (Exception failure)
        {
            log.LoginNotChecked(failure);
            return AuthenticationStep.Refuse(ReasonCode.ServerUnavailable);
        }
    }

    private static bool IsFailure(ReasonCode reason) =>
        reason is ReasonCode.BadUserNameOrPassword or ReasonCode.NotAuthorized or ReasonCode.Banned;

    private static Credentials CredentialsOf(
        string clientId, string? userName, ReadOnlyMemory<byte>? password, ProtocolVersion version, ConnectionContext transport,
        bool hasFailedTooOften)
    {
        var listener = transport.Features.Get<ListenerFeature>()?.Address;
        var remote = transport.RemoteEndPoint as IPEndPoint;
        return new Credentials
        {
            ClientId = clientId,
            UserName = userName,
            Password = password,
            RemoteAddress = remote,
            Certificate = transport.Features.Get<ITlsConnectionFeature>()?.ClientCertificate,
            Version = version,
            Listener = listener?.Text ?? "",
            IsLocal = listener is { IsLocal: true } && remote is not null && IPAddress.IsLoopback(remote.Address),
            HasFailedTooOften = hasFailedTooOften,
        };
    }
}
