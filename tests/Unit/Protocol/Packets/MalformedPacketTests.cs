using Orleans.Mqtt.Protocol;
using Xunit;

namespace Orleans.Mqtt.Tests.Unit.Protocol.Packets;

/// <summary>What the specification forbids, statement by statement; statements marked MQTT3 are those of MQTT 3.1.1.</summary>
public class MalformedPacketTests
{
    private const string Connect = "0004 4D515454 "; // the protocol name

    [Theory]
    [InlineData("MQTT-3.1.2-1", "10 0C 0004 4D515458 04 02 0000 0000", ReasonCode.MalformedPacket)] // MQTX
    [InlineData("MQTT-3.1.2-1", "10 0C 0004 6D717474 04 02 0000 0000", ReasonCode.MalformedPacket)] // mqtt
    [InlineData("MQTT-3.1.2-2", "10 0C " + Connect + "06 02 0000 0000", ReasonCode.UnsupportedProtocolVersion)]
    [InlineData("MQTT-3.1.2-2", "10 0C " + Connect + "03 02 0000 0000", ReasonCode.UnsupportedProtocolVersion)]
    [InlineData("MQTT-3.1.2-2", "10 0E 0006 4D5149736470 04 02 0000 0000", ReasonCode.UnsupportedProtocolVersion)]
    [InlineData("MQTT-3.1.2-3", "10 0C " + Connect + "04 03 0000 0000", ReasonCode.MalformedPacket)]
    [InlineData("MQTT-3.1.2-11", "10 0C " + Connect + "04 0A 0000 0000", ReasonCode.MalformedPacket)]
    [InlineData("MQTT-3.1.2-13", "10 0C " + Connect + "04 22 0000 0000", ReasonCode.MalformedPacket)]
    [InlineData("MQTT-3.1.2-12", "10 11 " + Connect + "04 1E 0000 0000 0001 77 0000", ReasonCode.MalformedPacket)]
    [InlineData("MQTT3-3.1.2-22", "10 0E " + Connect + "04 42 0000 0000 0000", ReasonCode.MalformedPacket)]
    [InlineData("MQTT3-3.1.2-9: no will", "10 0C " + Connect + "04 06 0000 0000", ReasonCode.MalformedPacket)]
    [InlineData("MQTT-3.1.2-17: no user name", "10 0C " + Connect + "04 82 0000 0000", ReasonCode.MalformedPacket)]
    [InlineData("MQTT-3.1.2-19: no password", "10 0F " + Connect + "04 C2 0000 0000 0001 75", ReasonCode.MalformedPacket)]
    [InlineData("MQTT-3.1.3-4: client id", "10 0D " + Connect + "04 02 0000 0001 FF", ReasonCode.MalformedPacket)]
    [InlineData("MQTT-3.1.3-11: will topic", "10 11 " + Connect + "04 06 0000 0000 0001 23 0000", ReasonCode.TopicNameInvalid)]
    [InlineData("MQTT-3.1.3-12: user name", "10 10 " + Connect + "04 82 0000 0000 0002 C080", ReasonCode.MalformedPacket)]
    [InlineData("3.1.3: bytes follow", "10 0D " + Connect + "04 02 0000 0000 00", ReasonCode.MalformedPacket)]
    [InlineData("3.1: too short", "10 0A " + Connect + "04 02 0000", ReasonCode.MalformedPacket)]
    [InlineData("MQTT-3.3.2-2", "30 04 0001 2B 00", ReasonCode.TopicNameInvalid)]
    [InlineData("MQTT-3.3.2-2", "30 05 0003 612F23", ReasonCode.TopicNameInvalid)]
    [InlineData("MQTT-3.3.2-1: no UTF-8", "30 05 0003 EDA080", ReasonCode.MalformedPacket)]
    [InlineData("MQTT-1.5.3-2: U+0000", "30 05 0003 610062", ReasonCode.MalformedPacket)]
    [InlineData("MQTT-4.7.3-1", "30 02 0000", ReasonCode.MalformedPacket)]
    [InlineData("MQTT-2.3.1-1", "32 05 0001 61 0000", ReasonCode.MalformedPacket)]
    [InlineData("3.3.2: no identifier", "32 03 0001 61", ReasonCode.MalformedPacket)]
    [InlineData("3.3.2: topic too short", "30 03 0009 61", ReasonCode.MalformedPacket)]
    [InlineData("3.3.2: no topic", "30 00", ReasonCode.MalformedPacket)]
    [InlineData("MQTT-2.3.1-1", "40 02 0000", ReasonCode.MalformedPacket)]
    [InlineData("3.4: too short", "40 01 00", ReasonCode.MalformedPacket)]
    [InlineData("3.4: too long", "40 03 0001 00", ReasonCode.MalformedPacket)]
    [InlineData("MQTT-2.3.1-1", "82 06 0000 0001 61 00", ReasonCode.MalformedPacket)]
    [InlineData("MQTT-3.8.3-2", "82 02 0001", ReasonCode.ProtocolError)]
    [InlineData("MQTT3-3.8.3-4: QoS 3", "82 06 0001 0001 61 03", ReasonCode.MalformedPacket)]
    [InlineData("MQTT3-3.8.3-4: reserved", "82 06 0001 0001 61 04", ReasonCode.MalformedPacket)]
    [InlineData("3.8.3: no options", "82 05 0001 0001 61", ReasonCode.MalformedPacket)]
    [InlineData("MQTT-4.7.3-1", "82 05 0001 0000 00", ReasonCode.TopicFilterInvalid)]
    [InlineData("MQTT-4.7.1-1", "82 07 0001 0002 6123 00", ReasonCode.TopicFilterInvalid)]
    [InlineData("MQTT-3.8.3-1", "82 06 0001 0001 FF 00", ReasonCode.MalformedPacket)]
    [InlineData("MQTT-3.10.3-2", "A2 02 0001", ReasonCode.ProtocolError)]
    [InlineData("MQTT-2.3.1-1", "A2 05 0000 0001 61", ReasonCode.MalformedPacket)]
    [InlineData("MQTT-4.7.1-1", "A2 06 0001 0002 6123", ReasonCode.TopicFilterInvalid)]
    [InlineData("MQTT3-3.9.3-2", "90 03 0001 03", ReasonCode.MalformedPacket)]
    [InlineData("3.11: has a payload", "B0 03 0001 00", ReasonCode.MalformedPacket)]
    [InlineData("3.12: has a body", "C0 01 00", ReasonCode.MalformedPacket)]
    [InlineData("3.13: has a body", "D0 01 00", ReasonCode.MalformedPacket)]
    [InlineData("MQTT3-3.14.1-1: has a body", "E0 01 00", ReasonCode.MalformedPacket)]
    [InlineData("3.2.2.1: reserved flags", "20 02 02 00", ReasonCode.MalformedPacket)]
    [InlineData("3.2.2.3: return code 6", "20 02 00 06", ReasonCode.MalformedPacket)]
    [InlineData("MQTT 5 only", "F0 00", ReasonCode.MalformedPacket)]
    public void MQTT_3_1_1_refuses(string statement, string hex, ReasonCode reason) =>
        AssertRefused(statement, hex, reason, ProtocolVersion.V311);

    [Theory]
    [InlineData("MQTT-2.2.2-2: unknown", "30 06 0001 61 02 04 00", ReasonCode.MalformedPacket)]
    [InlineData("2.2.2.2: not here", "30 06 0001 61 02 17 00", ReasonCode.MalformedPacket)]
    [InlineData("2.2.2.2: broken off", "30 06 0001 61 02 02 00", ReasonCode.MalformedPacket)]
    [InlineData("2.2.2.1: longer than the packet", "30 05 0001 61 02 01", ReasonCode.MalformedPacket)]
    [InlineData("2.2.2.1: left out", "30 03 0001 61", ReasonCode.MalformedPacket)]
    [InlineData("MQTT-1.5.5-1: padded", "30 05 0001 61 80 00", ReasonCode.MalformedPacket)]
    [InlineData("3.3.2.3.2: twice", "30 08 0001 61 04 01 00 01 00", ReasonCode.ProtocolError)]
    [InlineData("3.3.2.3.2: neither 0 nor 1", "30 06 0001 61 02 01 02", ReasonCode.ProtocolError)]
    [InlineData("3.3.2.3.3: twice", "30 0E 0001 61 0A 02 00000001 02 00000001", ReasonCode.ProtocolError)]
    [InlineData("MQTT-3.3.2-8", "30 07 0001 61 03 23 0000", ReasonCode.TopicAliasInvalid)]
    [InlineData("3.3.2.1: no topic, no alias", "30 03 0000 00", ReasonCode.ProtocolError)]
    [InlineData("MQTT-3.3.2-14", "30 08 0001 61 04 08 0001 23", ReasonCode.ProtocolError)]
    [InlineData("MQTT-4.7.3-1: response topic", "30 07 0001 61 03 08 0000", ReasonCode.ProtocolError)]
    [InlineData("3.3.2.3.8: identifier 0", "30 06 0001 61 02 0B 00", ReasonCode.ProtocolError)]
    [InlineData("MQTT-3.3.2-19: content type", "30 08 0001 61 04 03 0001 FF", ReasonCode.MalformedPacket)]
    [InlineData("3.1.2.11.3: receive maximum 0", "10 10 " + Connect + "05 02 0000 03 21 0000 0000", ReasonCode.ProtocolError)]
    [InlineData("3.1.2.11.4: maximum packet size 0", "10 12 " + Connect + "05 02 0000 05 27 00000000 0000", ReasonCode.ProtocolError)]
    [InlineData("3.1.2.11.6: neither 0 nor 1", "10 0F " + Connect + "05 02 0000 02 19 02 0000", ReasonCode.ProtocolError)]
    [InlineData("3.1.2.11.7: neither 0 nor 1", "10 0F " + Connect + "05 02 0000 02 17 02 0000", ReasonCode.ProtocolError)]
    [InlineData("3.1.2.11.10: data without method", "10 10 " + Connect + "05 02 0000 03 16 0000 0000", ReasonCode.ProtocolError)]
    [InlineData("2.2.2.2: will delay outside of the will", "10 12 " + Connect + "05 02 0000 05 18 00000001 0000", ReasonCode.MalformedPacket)]
    [InlineData("3.8.2.1.2: identifier 0", "82 09 0001 02 0B 00 0001 61 00", ReasonCode.ProtocolError)]
    [InlineData("3.8.2.1.2: twice", "82 0B 0001 04 0B 01 0B 02 0001 61 00", ReasonCode.ProtocolError)]
    [InlineData("MQTT-3.8.3-5", "82 07 0001 00 0001 61 40", ReasonCode.MalformedPacket)]
    [InlineData("3.8.3.1: retain handling 3", "82 07 0001 00 0001 61 30", ReasonCode.ProtocolError)]
    [InlineData("MQTT-3.8.3-4", "82 10 0001 00 000A 2473686172652F672F61 04", ReasonCode.ProtocolError)]
    [InlineData("MQTT-4.8.2-1", "82 0F 0001 00 0009 2473686172652F2F61 00", ReasonCode.ProtocolError)]
    [InlineData("MQTT-4.8.2-2", "82 10 0001 00 000A 2473686172652F2B2F61 00", ReasonCode.ProtocolError)]
    [InlineData("MQTT-3.4.2-1", "40 03 0001 92", ReasonCode.MalformedPacket)]
    [InlineData("MQTT-3.6.2-1", "62 03 0001 10", ReasonCode.MalformedPacket)]
    [InlineData("2.2.2.2: not here", "40 06 0001 00 02 01 00", ReasonCode.MalformedPacket)]
    [InlineData("3.4.2.2.2: twice", "40 0A 0001 00 06 1F 0000 1F 0000", ReasonCode.ProtocolError)]
    [InlineData("3.4: bytes follow", "40 05 0001 00 00 00", ReasonCode.MalformedPacket)]
    [InlineData("MQTT-3.14.2-1", "E0 01 86", ReasonCode.MalformedPacket)]
    [InlineData("3.14: bytes follow", "E0 03 00 00 00", ReasonCode.MalformedPacket)]
    [InlineData("MQTT-3.15.2-1", "F0 02 80 00", ReasonCode.MalformedPacket)]
    [InlineData("3.15.2.2.2: no method", "F0 02 18 00", ReasonCode.ProtocolError)]
    [InlineData("3.15.2.2: no property length", "F0 01 18", ReasonCode.MalformedPacket)]
    [InlineData("MQTT-3.2.2-8", "20 03 00 01 00", ReasonCode.MalformedPacket)]
    [InlineData("3.2.2.3.4: maximum QoS 2", "20 05 00 00 02 24 02", ReasonCode.ProtocolError)]
    public void MQTT_5_refuses(string statement, string hex, ReasonCode reason) =>
        AssertRefused(statement, hex, reason, ProtocolVersion.V5);

    [Theory]
    [InlineData("a password without a user name", "10 0F " + Connect + "05 42 0000 00 0000 0000", ProtocolVersion.V5)]
    [InlineData("an alias instead of a topic", "30 06 0000 03 23 0001", ProtocolVersion.V5)]
    [InlineData("no reason in a DISCONNECT", "E0 00", ProtocolVersion.V5)]
    [InlineData("two subscription identifiers from a server", "30 08 0001 61 04 0B 01 0B 01", ProtocolVersion.V5)]
    [InlineData("two equal user properties", "40 0E 0001 00 0A 26 0000 0000 26 0000 0000", ProtocolVersion.V5)]
    [InlineData("an empty payload", "30 03 0001 61", ProtocolVersion.V311)]
    [InlineData("an empty client id", "10 0C " + Connect + "04 02 0000 0000", ProtocolVersion.V311)]
    [InlineData("no user name in spite of the flag", "10 0F 0006 4D5149736470 03 C2 0000 0001 63", ProtocolVersion.V31)]
    [InlineData("a flag that was unused", "10 0F 0006 4D5149736470 03 03 0000 0001 63", ProtocolVersion.V31)]
    [InlineData("upper bits of the requested QoS", "82 06 0001 0001 61 F1", ProtocolVersion.V31)]
    public void What_looks_odd_but_is_legal_is_taken(string what, string hex, ProtocolVersion version)
    {
        foreach (var arrival in Bytes.InEveryCut(Bytes.Hex(hex)))
            Assert.True(Understanding.Verdict(arrival, version) is null, what);
    }

    private static void AssertRefused(string statement, string hex, ReasonCode reason, ProtocolVersion version)
    {
        var bytes = Bytes.Hex(hex);
        Assert.Equal(bytes.Length - 2, bytes[1]); // a wrong length would be refused for the wrong reason
        foreach (var arrival in Bytes.InEveryCut(bytes))
            Assert.True(Understanding.Verdict(arrival, version) == reason, $"{statement}: {Understanding.Verdict(arrival, version)}");
    }
}
