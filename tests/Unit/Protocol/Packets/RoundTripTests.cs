using System.Buffers;
using CsCheck;
using Orleans.Mqtt.Protocol;
using Orleans.Mqtt.Protocol.Packets;
using Orleans.Mqtt.Protocol.Properties;
using Xunit;

namespace Orleans.Mqtt.Tests.Unit.Protocol.Packets;

public class RoundTripTests
{
    [Fact]
    public void Every_packet_of_every_version_is_understood_however_its_bytes_arrive()
    {
        foreach (var (version, packet) in Samples.RichOnes())
        {
            foreach (var arrival in Bytes.InEveryCut(packet))
                Assert.Equal(packet, Understanding.ReadAndRewrite(Bytes.OnlyFrame(arrival, version), version));
        }
    }

    [Fact]
    public void The_samples_leave_no_packet_type_out()
    {
        foreach (var version in Versions.All)
        {
            var types = Samples.RichOnes().Where(one => one.Version == version).Select(one => one.Packet[0] >> 4).ToHashSet();
            Assert.Equal(version is ProtocolVersion.V5 ? 15 : 14, types.Count);
        }
    }

    [Fact]
    public void A_CONNECT_keeps_what_its_client_said()
    {
        Gen.Select(Samples.Text, Samples.Topic, Gen.Byte.Array[0, 20], Gen.Int[0, 2], Gen.Bool.Array[5], Gen.Int[3, 5]).Sample(
            (text, topic, bytes, qos, choices, level) =>
            {
                var version = (ProtocolVersion)level;
                var sent = new ConnectPacket
                {
                    Version = version,
                    ClientId = text,
                    CleanStart = choices[0],
                    KeepAlive = (ushort)topic.Length,
                    UserName = choices[1] ? text : null,
                    Password = choices[1] && choices[2] ? bytes : default(ReadOnlyMemory<byte>?),
                    Will = choices[3] ? new ConnectWill { Topic = topic, Payload = bytes, QoS = (QoS)qos, Retain = choices[4] } : null,
                };

                var read = ConnectPacket.Read(Bytes.OnlyFrame(Bytes.Of(sent, version)));

                return read.Version == version && read.ClientId == text && read.CleanStart == sent.CleanStart
                    && read.KeepAlive == sent.KeepAlive && read.UserName == sent.UserName
                    && read.Password.HasValue == sent.Password.HasValue
                    && read.Password.GetValueOrDefault().Span.SequenceEqual(sent.Password.GetValueOrDefault().Span)
                    && read.Will is not null == choices[3]
                    && (read.Will is null || (read.Will.Topic == topic && read.Will.Payload.Span.SequenceEqual(bytes)
                        && read.Will.QoS == (QoS)qos && read.Will.Retain == choices[4]));
            });
    }

    [Fact]
    public void A_CONNACK_keeps_every_property()
    {
        var sent = Samples.ConnAck;
        var read = ConnAckPacket.Read(Bytes.OnlyFrame(Bytes.Of(sent, ProtocolVersion.V5)), ProtocolVersion.V5);

        Assert.Equal(sent.Properties.AuthenticationData!.Value.ToArray(), read.Properties.AuthenticationData!.Value.ToArray());
        Assert.Equal(sent.Properties.UserProperties, read.Properties.UserProperties);
        Assert.Equal(WithoutReferences(sent.Properties), WithoutReferences(read.Properties));
    }

    [Fact]
    public void Every_CONNACK_return_code_of_MQTT_3_comes_back_as_it_was_given()
    {
        for (byte code = 0; code <= 5; code++)
        {
            var packet = ConnAckPacket.Read(Bytes.OnlyFrame([0x20, 2, 0, code]), ProtocolVersion.V311);
            Assert.Equal(new byte[] { 0x20, 2, 0, code }, Bytes.Of(packet, ProtocolVersion.V311));
        }
    }

    [Fact]
    public void A_PUBLISH_written_from_its_parts_is_the_one_written_from_a_packet()
    {
        Gen.Select(Samples.Topic, Gen.Byte.Array[0, 300], Gen.Int[0, 2], Gen.Bool, Samples.UserProperties, Gen.Int[3, 5]).Sample(
            (text, payload, level, retain, user, versionLevel) =>
            {
                var version = (ProtocolVersion)versionLevel;
                var qos = (QoS)level;
                var topic = System.Text.Encoding.UTF8.GetBytes(text);
                var id = qos is QoS.AtMostOnce ? (ushort)0 : (ushort)777;
                var properties = new MessageProperties { UserProperties = user }.ToBlock();
                var expected = Bytes.Of(
                    new PublishPacket
                    {
                        Topic = topic, QoS = qos, Retain = retain, PacketId = id, Properties = properties,
                        Payload = new ReadOnlySequence<byte>(payload),
                    },
                    version);

                var total = PublishWriter.MeasureTotal(version, topic.Length, qos, payload.Length, properties.Length);
                var written = new byte[total];
                var output = new ArrayBufferWriter<byte>();
                return PublishWriter.Write(written, version, topic, id, qos, retain, false, payload, properties) == total
                    && PublishWriter.Write(output, version, topic, id, qos, retain, false, payload, properties) == total
                    && written.AsSpan().SequenceEqual(expected)
                    && output.WrittenSpan.SequenceEqual(expected)
                    && ReadsAs(expected, version, topic, payload, id);
            });
    }

    [Theory]
    [InlineData(ProtocolVersion.V311)]
    [InlineData(ProtocolVersion.V5)]
    public void A_large_PUBLISH_goes_to_a_pipe_in_pieces_and_is_the_same(ProtocolVersion version)
    {
        var payload = new byte[100_000];
        new Random(7).NextBytes(payload);
        var properties = Samples.Message.ToBlock();
        var output = new ArrayBufferWriter<byte>();

        PublishWriter.Write(output, version, "t"u8, 9, QoS.AtLeastOnce, false, false, payload, properties);

        foreach (var at in new[] { 3, 4_096, 50_000, output.WrittenCount - 1 })
        {
            var arrival = Bytes.InPieces(output.WrittenSpan[..at].ToArray(), output.WrittenSpan[at..].ToArray());
            var read = PublishPacket.Read(Bytes.OnlyFrame(arrival, version), version);
            Assert.Equal("t"u8, read.Topic);
            Assert.Equal(version is ProtocolVersion.V5 ? properties : [], read.Properties.ToArray());
            Assert.Equal(payload, read.Payload.ToArray());
            var copy = new byte[read.PayloadLength];
            read.CopyPayloadTo(copy);
            Assert.Equal(payload, copy);
        }
    }

    [Fact]
    public void Any_packet_goes_to_a_pipe_as_it_goes_to_a_span()
    {
        var output = new ArrayBufferWriter<byte>();

        var length = PacketWriter.Write(output, Samples.Subscribe, ProtocolVersion.V5);

        Assert.Equal(length, output.WrittenCount);
        Assert.Equal(Bytes.Of(Samples.Subscribe, ProtocolVersion.V5), output.WrittenSpan.ToArray());
    }

    private static ConnAckProperties WithoutReferences(ConnAckProperties properties) =>
        properties with { AuthenticationData = null, UserProperties = Samples.User };

    private static bool ReadsAs(byte[] bytes, ProtocolVersion version, byte[] topic, byte[] payload, ushort id)
    {
        var read = PublishPacket.Read(Bytes.OnlyFrame(bytes, version), version);
        return read.Topic.SequenceEqual(topic) && read.PacketId == id
            && read.TryGetPayloadSpan(out var span) && span.SequenceEqual(payload);
    }
}
