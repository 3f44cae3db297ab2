using Orleans.Mqtt.Messages;
using Orleans.Mqtt.Protocol;
using Xunit;

namespace Orleans.Mqtt.Tests.Unit.Contracts;

public sealed class MessageTests
{
    private static readonly DateTimeOffset _now = DateTimeOffset.FromUnixTimeSeconds(1_000_000);

    [Fact]
    public void A_message_is_the_same_after_the_road()
    {
        var message = new Message
        {
            Topic = "a/b",
            Payload = new byte[] { 1, 2 },
            QoS = QoS.ExactlyOnce,
            Retain = true,
            Expiry = 60,
            IsText = false,
            ContentType = "c",
            ResponseTopic = "r",
            CorrelationData = new byte[] { 3 },
            UserProperties = [new("u", "v"), new("u", "w")],
        };
        var block = new RecordBlock();
        message.WriteTo(block, _now, publisher: 5, sequence: 6);

        foreach (var record in block)
        {
            Assert.Equal((5UL, 6UL), (record.Publisher, record.Sequence));
            Assert.True(record.Has(RecordFlags.ExactlyOnce));
            var read = Message.From(record, _now.AddSeconds(10));
            Assert.Equal(message.Payload.ToArray(), read.Payload.ToArray());
            Assert.Equal(message.CorrelationData.Value.ToArray(), read.CorrelationData!.Value.ToArray());
            Assert.Equal(message.UserProperties, read.UserProperties);
            Assert.Equal(
                message with { Expiry = 50, Payload = default, CorrelationData = null, UserProperties = read.UserProperties },
                read with { Payload = default, CorrelationData = null });
        }
    }

    [Fact]
    public void What_was_not_said_is_not_there()
    {
        var block = new RecordBlock();
        new Message { Topic = "a" }.WriteTo(block, _now);

        foreach (var record in block)
        {
            Assert.Equal(0, record.Properties.Length);
            var read = Message.From(record, _now);
            Assert.Null(read.CorrelationData);
            Assert.Null(read.Expiry);
            Assert.Null(read.IsText);
        }
    }

    [Fact]
    public void It_is_judged_before_it_is_published()
    {
        var good = new Message { Topic = "a" };

        Assert.Equal(ReasonCode.Success, good.Judge());
        Assert.Equal(ReasonCode.TopicNameInvalid, (good with { Topic = "a/#" }).Judge());
        Assert.Equal(ReasonCode.TopicNameInvalid, (good with { Topic = "" }).Judge());
        Assert.Equal(ReasonCode.TopicNameInvalid, (good with { ResponseTopic = "+" }).Judge());
        Assert.Equal(ReasonCode.QoSNotSupported, (good with { QoS = (QoS)3 }).Judge());
        Assert.Equal(ReasonCode.PayloadFormatInvalid, (good with { IsText = true, Payload = new byte[] { 0xFF } }).Judge());
        Assert.Equal(ReasonCode.MalformedPacket, (good with { ContentType = "\0" }).Judge());
        Assert.Equal(ReasonCode.MalformedPacket, (good with { UserProperties = [new("\uD800", "")] }).Judge());
        Assert.Equal(ReasonCode.MalformedPacket, (good with { CorrelationData = new byte[65_536] }).Judge());
    }
}
