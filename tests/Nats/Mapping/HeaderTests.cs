using CsCheck;
using NATS.Client.Core;
using Orleans.Mqtt.Ingress;
using Orleans.Mqtt.Messages;
using Orleans.Mqtt.Protocol;
using Orleans.Mqtt.Protocol.Properties;
using Orleans.Mqtt.Silo.Nats;

namespace Orleans.Mqtt.Tests.Nats.Mapping;

/// <summary>What MQTT says beside the payload, as headers and back.</summary>
public sealed class HeaderTests
{
    private static readonly Gen<string> _text =
        Gen.OneOf("\r", "\n", "%", "=", " ", ":", "a", "é", "\u007f", "%0D", "\t").Array[0, 8].Select(string.Concat);

    [Fact]
    public void Text_of_a_client_cannot_end_a_header_and_comes_back() => _text.Sample(text =>
    {
        var encoded = HeaderText.Encode(text);
        return !encoded.Any(char.IsControl) && encoded.Trim() == encoded && HeaderText.Decode(encoded) == text;
    });

    [Fact]
    public void A_pair_comes_back() => Gen.Select(_text, _text).Sample((name, value) =>
        HeaderText.DecodePair(HeaderText.EncodePair(name, value)) == (name, value));

    [Fact]
    public void What_needs_no_care_is_left_as_it_is() =>
        Assert.Equal("a: b=c é", HeaderText.Encode("a: b=c é"));

    [Theory, InlineData(QoS.AtMostOnce, false), InlineData(QoS.AtLeastOnce, true), InlineData(QoS.ExactlyOnce, false)]
    public void A_message_says_the_same_after_the_round_trip(QoS qos, bool retain)
    {
        var properties = new MessageProperties
        {
            ContentType = "text/plain\r\nNats-Msg-Id: forged",
            ResponseTopic = "reply/to me",
            CorrelationData = new byte[] { 0, 13, 10, 255 },
            PayloadFormatIndicator = true,
            UserProperties = [new("a", "1"), new("a", "2"), new("b=\n", " x "), new("", "")],
        };

        var headers = HeadersOf(new Asked(qos, retain, Expiry: 60, properties));

        Assert.All(headers.SelectMany(header => header.Value), value => Assert.DoesNotContain(value!, char.IsControl));
        var read = MessageHeaders.Read(headers);
        Assert.Equal((qos, retain, 60u), (read.QoS, read.Retain, read.Expiry!.Value));
        Assert.Equal(properties.ToBlock(), read.Properties.ToBlock());
    }

    [Fact]
    public void No_headers_mean_QoS_0_and_no_retain()
    {
        var read = MessageHeaders.Read(null);

        Assert.Equal((QoS.AtMostOnce, false, null), (read.QoS, read.Retain, read.Expiry));
        Assert.Empty(read.Properties.ToBlock());
    }

    [Theory]
    [InlineData(MessageHeaders.QoSLevel, "3", ReasonCode.QoSNotSupported)]
    [InlineData(MessageHeaders.QoSLevel, "", ReasonCode.QoSNotSupported)]
    [InlineData(MessageHeaders.Expiry, "-1", ReasonCode.MalformedPacket)]
    [InlineData(MessageHeaders.Expiry, "soon", ReasonCode.MalformedPacket)]
    [InlineData(MessageHeaders.Retain, "yes", ReasonCode.MalformedPacket)]
    [InlineData(MessageHeaders.ContentType, "%00", ReasonCode.MalformedPacket)]
    [InlineData(MessageHeaders.UserProperty, "a=%00", ReasonCode.MalformedPacket)]
    [InlineData(MessageHeaders.ResponseTopic, "a/#", ReasonCode.TopicNameInvalid)]
    [InlineData(MessageHeaders.CorrelationData, "not base64!", ReasonCode.MalformedPacket)]
    public void What_MQTT_does_not_have_is_refused(string name, string value, ReasonCode reason)
    {
        var refused = Assert.Throws<ProtocolException>(() => MessageHeaders.Read(new NatsHeaders { [name] = value }));
        Assert.Equal(reason, refused.Reason);
    }

    [Fact]
    public void A_message_names_the_clusters_that_it_has_passed()
    {
        var copies = new CopyWriter("p", "e", "here", TimeProvider.System);
        var run = RunOf(Record(new Asked(QoS.AtLeastOnce, Retain: false, Expiry: null, MessageProperties.None)));

        var first = copies.Write(run, 0, 0, new PublicationSource("c"));
        var second = copies.Write(run, 0, 0, new PublicationSource("") { Origin = "there,elsewhere" });

        Assert.Equal("here", first.Headers[MessageHeaders.Origin].ToString());
        Assert.Equal("there,elsewhere,here", second.Headers[MessageHeaders.Origin].ToString());
        Assert.True(MessageHeaders.HasPassed(second.Headers, "there"));
        Assert.False(MessageHeaders.HasPassed(second.Headers, "her"));
        Assert.False(MessageHeaders.HasPassed(null, "here"));
    }

    private static NatsHeaders HeadersOf(Asked asked) =>
        MessageHeaders.Of(new MessageRecord(Record(asked)), "client", "here", DateTimeOffset.UnixEpoch);

    private static byte[] Record(Asked asked)
    {
        var batch = new InletBatch();
        batch.Add("t", "payload"u8, asked, replyTo: null, publisher: 1, sequence: 1, DateTimeOffset.UnixEpoch);
        return batch.Publications.Records.ToArray();
    }

    private static MirrorRun RunOf(byte[] record)
    {
        var run = new MirrorRun(0);
        run.Records.Add(new MessageRecord(record));
        return run;
    }
}
