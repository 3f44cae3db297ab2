using CsCheck;
using Orleans.Mqtt.Protocol;
using Orleans.Mqtt.Protocol.Packets;
using Orleans.Mqtt.Protocol.Properties;
using Xunit;

namespace Orleans.Mqtt.Tests.Unit.Protocol.Packets;

public class PublishPacketTests
{
    private const ProtocolVersion V5 = ProtocolVersion.V5;

    [Fact]
    public void A_client_sends_no_subscription_identifier_MQTT_3_3_4_6()
    {
        var bytes = Bytes.Hex("30 06 0001 61 02 0B 01");

        var refused = Assert.Throws<ProtocolException>(() => PublishPacket.Read(Bytes.OnlyFrame(bytes, V5), V5).PayloadLength);

        Assert.Equal(ReasonCode.ProtocolError, refused.Reason);
        Assert.Equal(1, PublishPacket.ReadFromServer(Bytes.OnlyFrame(bytes, V5), V5).Known.SubscriptionIdentifiers);
    }

    [Fact]
    public void What_lasts_of_the_properties_is_all_but_alias_and_expiry_in_the_order_it_came_MQTT_3_3_2_17()
    {
        var alias = Bytes.Hex("23 0001");
        var expiry = Bytes.Hex("02 0000000A");
        Gen.Select(Samples.UserProperties, Samples.UserProperties, Samples.UserProperties, Gen.Int[0, 4]).Sample(
            (before, between, after, shape) =>
            {
                byte[][] middle = shape switch
                {
                    0 => [[], []],
                    1 => [alias, []],
                    2 => [[], expiry],
                    3 => [alias, expiry],
                    _ => [expiry, alias],
                };
                byte[] block = [.. Block(before), .. middle[0], .. Block(between), .. middle[1], .. Block(after)];
                byte[] lasting = [.. Block(before), .. Block(between), .. Block(after)];

                var known = Known(block);
                var copy = new byte[known.MeasureLasting(block)];
                return known.CopyLasting(block, copy) == lasting.Length && copy.AsSpan().SequenceEqual(lasting)
                    && known.TopicAlias == (shape is 1 or 3 or 4 ? 1 : 0)
                    && known.MessageExpiryInterval == (shape is 2 or 3 or 4 ? 10u : null);
            });
    }

    [Fact]
    public void What_differs_between_receivers_is_written_before_what_is_shared()
    {
        var shared = Samples.Message.ToBlock();
        var extras = new PublishExtras { MessageExpiryInterval = 5, TopicAlias = 6, SubscriptionIdentifiers = [7, 300] };
        var bytes = new byte[PublishWriter.MeasureTotal(V5, 1, QoS.AtLeastOnce, 2, shared.Length, extras)];

        var written = PublishWriter.Write(bytes, "t"u8, 8, QoS.AtLeastOnce, true, true, "hi"u8, shared, extras);

        Assert.Equal(bytes.Length, written);
        var read = PublishPacket.ReadFromServer(Bytes.OnlyFrame(bytes, V5), V5);
        Assert.Equal((5u, (ushort)6, 2), (read.Known.MessageExpiryInterval, read.Known.TopicAlias, read.Known.SubscriptionIdentifiers));
        Assert.Equal([.. Bytes.Hex("02 00000005 23 0006 0B 07 0B AC02"), .. shared], read.Properties.ToArray());
        Assert.True(read.TryGetPayloadSpan(out var payload));
        Assert.Equal("hi"u8, payload);
        Assert.Equal(8, read.PacketId);
    }

    [Fact]
    public void A_receiver_without_wishes_of_its_own_gets_the_shared_bytes()
    {
        var shared = Samples.Message.ToBlock();
        var plain = new byte[PublishWriter.MeasureTotal(V5, 1, QoS.AtMostOnce, 2, shared.Length)];
        var other = new byte[PublishWriter.MeasureTotal(V5, 1, QoS.AtMostOnce, 2, shared.Length, default)];

        PublishWriter.Write(plain, V5, "t"u8, 0, QoS.AtMostOnce, false, false, "hi"u8, shared);
        PublishWriter.Write(other, "t"u8, 0, QoS.AtMostOnce, false, false, "hi"u8, shared, default);

        Assert.Equal(plain, other);
    }

    [Fact]
    public void What_applications_say_comes_back_from_the_block()
    {
        var sent = Samples.Message;
        var read = MessageProperties.Read(sent.ToBlock());

        Assert.Equal(sent.CorrelationData!.Value.ToArray(), read.CorrelationData!.Value.ToArray());
        Assert.Equal(sent.UserProperties, read.UserProperties);
        Assert.Equal(
            (sent.PayloadFormatIndicator, sent.ContentType, sent.ResponseTopic),
            (read.PayloadFormatIndicator, read.ContentType, read.ResponseTopic));
        Assert.Empty(MessageProperties.None.ToBlock());
    }

    private static byte[] Block(UserProperty[] user) => new MessageProperties { UserProperties = user }.ToBlock();

    private static PublishProperties Known(byte[] block)
    {
        var packet = new PublishPacket { Topic = "t"u8, Properties = block };
        return PublishPacket.Read(Bytes.OnlyFrame(Bytes.Of(packet, V5), V5), V5).Known;
    }
}
