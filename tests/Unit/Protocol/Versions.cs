using Orleans.Mqtt.Protocol;

namespace Orleans.Mqtt.Tests.Unit.Protocol;

/// <summary>The dialects that every test of a packet speaks.</summary>
internal static class Versions
{
    public static readonly ProtocolVersion[] All = [ProtocolVersion.V31, ProtocolVersion.V311, ProtocolVersion.V5];
}
