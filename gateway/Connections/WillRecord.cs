using System.Text;
using Orleans.Mqtt.Messages;
using Orleans.Mqtt.Protocol.Packets;
using Orleans.Mqtt.Sessions;

namespace Orleans.Mqtt.Gateway.Connections;

/// <summary>Makes a will ready to be published, with the properties that its client gave it.</summary>
internal static class WillRecord
{
    public static Will? Of(ConnectWill? will)
    {
        if (will is null)
            return null;

        var topic = Encoding.UTF8.GetBytes(will.Topic);
        var record = new byte[MessageRecord.Measure(topic.Length, will.Payload.Length, will.Properties.Length)];
        MessageRecord.WriteHeader(
            record, MessageRecord.FlagsOf(will.QoS, will.Retain), topic.Length, will.Payload.Length, expiry: 0, publisher: 0,
            sequence: 0);
        topic.CopyTo(record, MessageRecord.HeaderSize);
        will.Payload.CopyTo(record.AsMemory(MessageRecord.HeaderSize + topic.Length));
        will.Properties.CopyTo(record.AsMemory(MessageRecord.HeaderSize + topic.Length + will.Payload.Length));
        return new Will
        {
            Message = new MessageBatch(record, 1),
            Delay = will.DelayInterval,
            MessageExpiry = will.MessageExpiryInterval,
        };
    }
}
