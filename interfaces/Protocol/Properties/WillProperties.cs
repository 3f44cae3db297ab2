using Orleans.Mqtt.Protocol.Codec;

namespace Orleans.Mqtt.Protocol.Properties;

/// <summary>The properties of a will, chapter 3.1.3.2: two that steer it, and those that it is published with.</summary>
internal readonly record struct WillProperties(
    uint DelayInterval, uint? MessageExpiryInterval, ReadOnlyMemory<byte> Lasting) : IPropertyBlock
{
    public static WillProperties Read(ReadOnlySpan<byte> block)
    {
        var delay = 0u;
        uint? expiry = null;
        var lasting = new byte[block.Length];
        var length = 0;
        var property = new PropertyReader(block, PropertyScope.Will);
        while (property.MoveNext())
        {
            switch (property.Id)
            {
                case PropertyId.WillDelayInterval:
                    delay = property.Number;
                    break;
                case PropertyId.MessageExpiryInterval:
                    expiry = property.Number;
                    break;
                default:
                    var kept = block[property.Start..property.End];
                    kept.CopyTo(lasting.AsSpan(length));
                    length += kept.Length;
                    break;
            }
        }

        return new WillProperties(delay, expiry, lasting.AsMemory(0, length));
    }

    public void WriteTo(scoped ref MqttWriter writer)
    {
        PropertyWriter.Write(ref writer, PropertyId.WillDelayInterval, DelayInterval == 0 ? null : DelayInterval);
        PropertyWriter.Write(ref writer, PropertyId.MessageExpiryInterval, MessageExpiryInterval);
        writer.WriteBytes(Lasting.Span);
    }
}
