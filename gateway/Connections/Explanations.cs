using Orleans.Mqtt.Protocol;

namespace Orleans.Mqtt.Gateway.Connections;

/// <summary>What a client of MQTT 5 may read in words, where its packet was fine and yet refused.</summary>
internal static class Explanations
{
    public static string? Of(ReasonCode reason) => reason switch
    {
        ReasonCode.NotAuthorized => "The access rules do not allow it.",
        ReasonCode.BadUserNameOrPassword => "The user name or the password is not right.",
        ReasonCode.ConnectionRateExceeded => "Too many logins from this address have failed.",
        ReasonCode.QuotaExceeded => "A queue or a quota is full.",
        ReasonCode.PayloadFormatInvalid => "The payload is not the UTF-8 that it is said to be.",
        ReasonCode.PacketIdentifierNotFound => "Nothing is under way with this packet identifier.",
        ReasonCode.ServerBusy => "The server cannot serve the client now; it may try again.",
        ReasonCode.SessionTakenOver => "Another connection uses this client identifier.",
        ReasonCode.AdministrativeAction => "Disconnected by an operator.",
        ReasonCode.KeepAliveTimeout => "Nothing was heard for one and a half times the keep alive.",
        ReasonCode.ServerShuttingDown => "The server stops.",
        ReasonCode.UseAnotherServer or ReasonCode.ServerMoved => "Please connect elsewhere.",
        ReasonCode.BadAuthenticationMethod => "The authentication method is not known here.",
        ReasonCode.ServerUnavailable => "The session could not be opened in time.",
        ReasonCode.QoSNotSupported => "The QoS is above the maximum.",
        ReasonCode.RetainNotSupported => "Messages are not retained here.",
        ReasonCode.PacketTooLarge => "The answer does not fit the client's maximum packet size.",
        _ => null,
    };
}
