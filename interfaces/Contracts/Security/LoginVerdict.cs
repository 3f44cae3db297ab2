using Orleans.Mqtt.Protocol;

namespace Orleans.Mqtt.Security;

/// <summary>What an authenticator decides: who it is, or why it may not come in.</summary>
public readonly record struct LoginVerdict
{
    private LoginVerdict(ClientIdentity? client, ReasonCode reason)
    {
        Client = client;
        Reason = reason;
    }

    /// <summary>Null when the client is refused.</summary>
    public ClientIdentity? Client { get; }

    /// <summary>What an MQTT 5 client is told; an older one is told the return code that is closest.</summary>
    public ReasonCode Reason { get; }

    public static LoginVerdict Accept(ClientIdentity client) => new(client, ReasonCode.Success);

    /// <summary>A reason that CONNACK knows, <c>BadUserNameOrPassword</c> and <c>NotAuthorized</c> for most.</summary>
    public static LoginVerdict Refuse(ReasonCode reason) => PacketType.ConnAck.Allows(reason) && reason.IsError()
        ? new(null, reason)
        : throw new ArgumentOutOfRangeException(nameof(reason), reason, "CONNACK cannot refuse with this.");
}
