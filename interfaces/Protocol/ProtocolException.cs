using System.Diagnostics.CodeAnalysis;

namespace Orleans.Mqtt.Protocol;

/// <summary>The peer broke a rule; carries the reason that it will be told.</summary>
public sealed class ProtocolException(ReasonCode reason, string detail) : Exception(detail)
{
    public ReasonCode Reason { get; } = reason;

    [DoesNotReturn]
    public static void Throw(ReasonCode reason, string detail) => throw new ProtocolException(reason, detail);

    [DoesNotReturn]
    public static void ThrowMalformed(string detail) => Throw(ReasonCode.MalformedPacket, detail);

    [DoesNotReturn]
    public static void ThrowProtocolError(string detail) => Throw(ReasonCode.ProtocolError, detail);
}
