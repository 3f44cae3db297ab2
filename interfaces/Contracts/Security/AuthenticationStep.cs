using Orleans.Mqtt.Protocol;

namespace Orleans.Mqtt.Security;

/// <summary>Where an authentication stands: the client is asked for more, is who it is, or may not come in.</summary>
public readonly record struct AuthenticationStep
{
    private AuthenticationStep(ReasonCode reason, ClientIdentity? client, ReadOnlyMemory<byte>? data)
    {
        Reason = reason;
        Client = client;
        Data = data;
    }

    /// <summary><c>ContinueAuthentication</c>, <c>Success</c>, or why the client is refused.</summary>
    public ReasonCode Reason { get; }

    /// <summary>Null unless the client has proven who it is.</summary>
    public ClientIdentity? Client { get; }

    /// <summary>What the client is sent: with AUTH, or with the CONNACK that lets it in.</summary>
    public ReadOnlyMemory<byte>? Data { get; }

    public static AuthenticationStep Continue(ReadOnlyMemory<byte>? data = null) =>
        new(ReasonCode.ContinueAuthentication, null, data);

    public static AuthenticationStep Accept(ClientIdentity client, ReadOnlyMemory<byte>? data = null) =>
        new(ReasonCode.Success, client, data);

    /// <summary>A reason that CONNACK knows. Who authenticates anew is told <c>NotAuthorized</c> instead where DISCONNECT does not know it.</summary>
    public static AuthenticationStep Refuse(ReasonCode reason) => Of(LoginVerdict.Refuse(reason));

    /// <summary>The one step of a login by user name and password.</summary>
    public static AuthenticationStep Of(LoginVerdict verdict) => new(verdict.Reason, verdict.Client, null);
}
