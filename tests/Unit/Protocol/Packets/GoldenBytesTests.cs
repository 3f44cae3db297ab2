using System.Text;
using Orleans.Mqtt.Protocol;
using Orleans.Mqtt.Protocol.Packets;
using Orleans.Mqtt.Protocol.Properties;
using Xunit;

namespace Orleans.Mqtt.Tests.Unit.Protocol.Packets;

/// <summary>Bytes worked out by hand from the figures of the specification, so that no error can hide in a round trip.</summary>
public class GoldenBytesTests
{
    [Fact]
    public void The_CONNECT_of_figure_3_6_of_MQTT_3_1_1()
    {
        var bytes = Bytes.Hex(
            "10 1B 0004 4D515454 04 CE 000A" // MQTT, level 4, all but will retain with will QoS 1, keep alive 10
            + "0001 63 0001 77 0002 6869 0001 75 0002 0070"); // c, w: "hi", u, 00 70

        var packet = ConnectPacket.Read(Bytes.OnlyFrame(bytes));

        Assert.Equal((ProtocolVersion.V311, true, (ushort)10, "c"), (packet.Version, packet.CleanStart, packet.KeepAlive, packet.ClientId));
        Assert.Equal(("w", QoS.AtLeastOnce, false), (packet.Will!.Topic, packet.Will.QoS, packet.Will.Retain));
        Assert.Equal("hi", Encoding.UTF8.GetString(packet.Will.Payload.Span));
        Assert.Equal("u", packet.UserName);
        Assert.Equal(Bytes.Hex("00 70"), packet.Password!.Value.ToArray());
        Assert.Equal(bytes, Bytes.Of(packet, ProtocolVersion.V311));
    }

    [Fact]
    public void The_CONNECT_of_MQTT_3_1()
    {
        var bytes = Bytes.Hex("10 0F 0006 4D5149736470 03 00 003C 0001 63");

        var packet = ConnectPacket.Read(Bytes.OnlyFrame(bytes));

        Assert.Equal((ProtocolVersion.V31, false, (ushort)60, "c"), (packet.Version, packet.CleanStart, packet.KeepAlive, packet.ClientId));
        Assert.Null(packet.Will);
        Assert.Null(packet.UserName);
        Assert.Null(packet.Password);
        Assert.Equal(bytes, Bytes.Of(packet, ProtocolVersion.V31));
    }

    [Fact]
    public void A_CONNECT_of_MQTT_5_with_every_property()
    {
        var bytes = Bytes.Hex(
            "10 45 0004 4D515454 05 2E 0000" // clean start, will QoS 1 with retain
            + "23 11 00000078 21 0014 27 00000400 22 0005 19 01 17 00 15 0001 6D 16 0001 FF 26 0001 6B 0001 76"
            + "0000" // no client identifier
            + "0E 18 0000001E 02 0000003C 03 0001 74" // delay 30, expiry 60, content type
            + "0001 77 0001 01");

        var packet = ConnectPacket.Read(Bytes.OnlyFrame(bytes));

        var said = packet.Properties;
        Assert.Equal((120u, (ushort)20, 1024u, (ushort)5), (said.SessionExpiryInterval, said.ReceiveMaximum, said.MaximumPacketSize, said.TopicAliasMaximum));
        Assert.Equal((true, false, "m"), (said.RequestResponseInformation, said.RequestProblemInformation, said.AuthenticationMethod));
        Assert.Equal(Bytes.Hex("FF"), said.AuthenticationData!.Value.ToArray());
        Assert.Equal([new UserProperty("k", "v")], said.UserProperties);
        Assert.Equal("", packet.ClientId);
        Assert.Equal((30u, 60u, true), (packet.Will!.DelayInterval, packet.Will.MessageExpiryInterval, packet.Will.Retain));
        Assert.Equal(Bytes.Hex("03 0001 74"), packet.Will.Properties.ToArray());
        Assert.Equal(bytes, Bytes.Of(packet, ProtocolVersion.V5));
    }

    [Fact]
    public void The_PUBLISH_of_figure_3_11_of_MQTT_3_1_1()
    {
        var bytes = Bytes.Hex("3B 09 0003 612F62 000A 6869");
        var packet = PublishPacket.Read(Bytes.OnlyFrame(bytes), ProtocolVersion.V311);

        Assert.True(packet.Dup);
        Assert.True(packet.Retain);
        Assert.Equal(QoS.AtLeastOnce, packet.QoS);
        Assert.Equal("a/b"u8, packet.Topic);
        Assert.Equal(10, packet.PacketId);
        Assert.True(packet.TryGetPayloadSpan(out var payload));
        Assert.Equal("hi"u8, payload);
        Assert.Equal(bytes, Bytes.Of(packet, ProtocolVersion.V311));
    }

    [Fact]
    public void A_PUBLISH_of_MQTT_5_with_what_a_broker_interprets()
    {
        var bytes = Bytes.Hex(
            "34 1B 0001 74 0007" // QoS 2, topic t, identifier 7
            + "13 01 01 02 00000258 23 0003 08 0001 72 09 0002 FF00" // UTF-8, 600 s, alias 3, response topic, correlation
            + "6869");

        var packet = PublishPacket.Read(Bytes.OnlyFrame(bytes, ProtocolVersion.V5), ProtocolVersion.V5);

        Assert.Equal(QoS.ExactlyOnce, packet.QoS);
        Assert.Equal((ushort)3, packet.Known.TopicAlias);
        Assert.Equal(600u, packet.Known.MessageExpiryInterval);
        Assert.True(packet.Known.PayloadFormatIndicator);
        Assert.Equal(2, packet.PayloadLength);
    }

    [Theory]
    [InlineData(PacketType.PubAck, "40 02 0001")]
    [InlineData(PacketType.PubRec, "50 02 0001")]
    [InlineData(PacketType.PubRel, "62 02 0001")]
    [InlineData(PacketType.PubComp, "70 02 0001")]
    public void An_acknowledgement_that_has_nothing_to_add_is_four_bytes_in_every_version(PacketType type, string hex)
    {
        foreach (var version in Versions.All)
        {
            Assert.Equal(Bytes.Hex(hex), Bytes.Of(new AckPacket(type, 1), version));
            Assert.Equal(new AckPacket(type, 1), AckPacket.Read(Bytes.OnlyFrame(Bytes.Hex(hex), version), version));
        }
    }

    [Fact]
    public void An_acknowledgement_of_MQTT_5_says_why_and_older_ones_cannot()
    {
        var refusal = new AckPacket(PacketType.PubAck, 1, ReasonCode.QuotaExceeded);

        Assert.Equal(Bytes.Hex("40 03 0001 97"), Bytes.Of(refusal, ProtocolVersion.V5));
        Assert.Equal(Bytes.Hex("40 02 0001"), Bytes.Of(refusal, ProtocolVersion.V311));
    }

    [Fact]
    public void CONNACK_has_a_return_code_before_MQTT_5_and_a_reason_since()
    {
        var welcome = new ConnAckPacket { SessionPresent = true };
        var refusal = new ConnAckPacket { Reason = ReasonCode.BadUserNameOrPassword };

        Assert.Equal(Bytes.Hex("20 02 00 00"), Bytes.Of(welcome, ProtocolVersion.V31));
        Assert.Equal(Bytes.Hex("20 02 01 00"), Bytes.Of(welcome, ProtocolVersion.V311));
        Assert.Equal(Bytes.Hex("20 03 01 00 00"), Bytes.Of(welcome, ProtocolVersion.V5));
        Assert.Equal(Bytes.Hex("20 02 00 04"), Bytes.Of(refusal, ProtocolVersion.V311));
        Assert.Equal(Bytes.Hex("20 03 00 86 00"), Bytes.Of(refusal, ProtocolVersion.V5));
    }

    [Fact]
    public void The_SUBSCRIBE_of_figure_3_23_of_MQTT_3_1_1()
    {
        var bytes = Bytes.Hex("82 0E 000A 0003 612F62 01 0003 632F64 02");

        var packet = SubscribePacket.Read(Bytes.OnlyFrame(bytes), ProtocolVersion.V311);

        Assert.Equal(10, packet.PacketId);
        Assert.Equal([new("a/b", QoS.AtLeastOnce), new("c/d", QoS.ExactlyOnce)], packet.Requests);
        Assert.Equal(bytes, Bytes.Of(packet, ProtocolVersion.V311));
    }

    [Fact]
    public void A_SUBSCRIBE_of_MQTT_5_with_every_option()
    {
        var bytes = Bytes.Hex("82 0A 0001 03 0B C102 0001 61 2D");

        var packet = SubscribePacket.Read(Bytes.OnlyFrame(bytes, ProtocolVersion.V5), ProtocolVersion.V5);

        Assert.Equal(321, packet.SubscriptionIdentifier);
        var request = Assert.Single(packet.Requests);
        Assert.Equal(("a", QoS.AtLeastOnce, true, true), (request.Filter, request.QoS, request.NoLocal, request.RetainAsPublished));
        Assert.Equal(RetainHandling.DoNotSend, request.RetainHandling);
        Assert.Equal(bytes, Bytes.Of(packet, ProtocolVersion.V5));
    }

    [Fact]
    public void SUBACK_knows_one_failure_before_MQTT_5()
    {
        var packet = new SubAckPacket
        {
            PacketId = 10,
            Reasons = [ReasonCode.GrantedQoS2, ReasonCode.NotAuthorized],
        };

        Assert.Equal(Bytes.Hex("90 04 000A 02 80"), Bytes.Of(packet, ProtocolVersion.V311));
        Assert.Equal(Bytes.Hex("90 05 000A 00 02 87"), Bytes.Of(packet, ProtocolVersion.V5));
    }

    [Fact]
    public void UNSUBSCRIBE_and_its_answer()
    {
        var question = new UnsubscribePacket { PacketId = 10, Filters = ["a/b", "c/d"] };
        var answer = new UnsubAckPacket { PacketId = 10, Reasons = [ReasonCode.Success, ReasonCode.NoSubscriptionExisted] };

        Assert.Equal(Bytes.Hex("A2 0C 000A 0003 612F62 0003 632F64"), Bytes.Of(question, ProtocolVersion.V311));
        Assert.Equal(Bytes.Hex("A2 0D 000A 00 0003 612F62 0003 632F64"), Bytes.Of(question, ProtocolVersion.V5));
        Assert.Equal(Bytes.Hex("B0 02 000A"), Bytes.Of(answer, ProtocolVersion.V311));
        Assert.Equal(Bytes.Hex("B0 05 000A 00 00 11"), Bytes.Of(answer, ProtocolVersion.V5));
    }

    [Fact]
    public void DISCONNECT_AUTH_and_the_pings()
    {
        var takenOver = new DisconnectPacket { Reason = ReasonCode.SessionTakenOver };
        var step = new AuthPacket { Reason = ReasonCode.ContinueAuthentication, AuthenticationMethod = "m" };

        Assert.Equal(Bytes.Hex("E0 00"), Bytes.Of(new DisconnectPacket(), ProtocolVersion.V5));
        Assert.Equal(Bytes.Hex("E0 01 8E"), Bytes.Of(takenOver, ProtocolVersion.V5));
        Assert.Equal(Bytes.Hex("E0 00"), Bytes.Of(takenOver, ProtocolVersion.V311));
        Assert.Equal(Bytes.Hex("F0 06 18 04 15 0001 6D"), Bytes.Of(step, ProtocolVersion.V5));
        Assert.Equal(Bytes.Hex("C0 00"), PingPacket.Request.ToArray());
        Assert.Equal(Bytes.Hex("D0 00"), PingPacket.Response.ToArray());
        Assert.Equal(PingPacket.Response.ToArray(), Bytes.Of(new PingPacket(PacketType.PingResp), ProtocolVersion.V311));
    }
}
