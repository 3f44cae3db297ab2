using Orleans.Mqtt.Protocol;
using Orleans.Mqtt.Protocol.Properties;
using Xunit;

namespace Orleans.Mqtt.Tests.Unit.Protocol.Properties;

public class PropertyTableTests
{
    // Table 2-4, written down a second time: identifier, an example of its value, and where it may stand.
    [Theory]
    [InlineData(0x01, "01", "Publish, Will")]
    [InlineData(0x02, "00000001", "Publish, Will")]
    [InlineData(0x03, "0001 61", "Publish, Will")]
    [InlineData(0x08, "0001 61", "Publish, Will")]
    [InlineData(0x09, "0001 00", "Publish, Will")]
    [InlineData(0x0B, "8001", "Publish, Subscribe")]
    [InlineData(0x11, "00000001", "Connect, ConnAck, Disconnect")]
    [InlineData(0x12, "0001 61", "ConnAck")]
    [InlineData(0x13, "0001", "ConnAck")]
    [InlineData(0x15, "0001 61", "Connect, ConnAck, Auth")]
    [InlineData(0x16, "0001 00", "Connect, ConnAck, Auth")]
    [InlineData(0x17, "01", "Connect")]
    [InlineData(0x18, "00000001", "Will")]
    [InlineData(0x19, "01", "Connect")]
    [InlineData(0x1A, "0001 61", "ConnAck")]
    [InlineData(0x1C, "0001 61", "ConnAck, Disconnect")]
    [InlineData(0x1F, "0001 61", "ConnAck, PubAck, PubRec, PubRel, PubComp, SubAck, UnsubAck, Disconnect, Auth")]
    [InlineData(0x21, "0001", "Connect, ConnAck")]
    [InlineData(0x22, "0001", "Connect, ConnAck")]
    [InlineData(0x23, "0001", "Publish")]
    [InlineData(0x24, "01", "ConnAck")]
    [InlineData(0x25, "01", "ConnAck")]
    [InlineData(
        0x26,
        "0001 61 0001 62",
        "Connect, ConnAck, Publish, Will, PubAck, PubRec, PubRel, PubComp, Subscribe, SubAck, Unsubscribe, UnsubAck, Disconnect, Auth")]
    [InlineData(0x27, "00000001", "Connect, ConnAck")]
    [InlineData(0x28, "01", "ConnAck")]
    [InlineData(0x29, "01", "ConnAck")]
    [InlineData(0x2A, "01", "ConnAck")]
    public void A_property_stands_where_table_2_4_puts_it_and_nowhere_else(byte id, string value, string where)
    {
        var allowed = Enum.Parse<PropertyScope>(where);
        byte[] once = [id, .. Bytes.Hex(value)];
        foreach (var scope in Enum.GetValues<PropertyScope>().Where(scope => scope is not PropertyScope.None))
        {
            var isAllowed = (allowed & scope) != 0;
            Assert.Equal(isAllowed ? null : ReasonCode.MalformedPacket, Verdict(once, scope));
            if (!isAllowed)
                continue;

            for (var length = 1; length < once.Length; length++)
                Assert.Equal(ReasonCode.MalformedPacket, Verdict(once[..length], scope));

            var mayRepeat = id == 0x26 || (id == 0x0B && scope is PropertyScope.Publish);
            Assert.Equal(mayRepeat ? null : ReasonCode.ProtocolError, Verdict([.. once, .. once], scope));
        }
    }

    [Fact]
    public void An_identifier_that_the_table_does_not_know_may_stand_nowhere()
    {
        for (var id = 0; id < 256; id++)
        {
            if (Enum.IsDefined((PropertyId)id) && id != 0)
                continue;

            foreach (var scope in Enum.GetValues<PropertyScope>())
                Assert.Equal(ReasonCode.MalformedPacket, Verdict([(byte)id, 0, 0, 0, 0, 0], scope));
        }
    }

    [Fact]
    public void A_walk_tells_each_property_and_where_it_lies()
    {
        var property = new PropertyReader(Bytes.Hex("01 01 26 0001 61 0001 62 02 0000000A"), PropertyScope.Publish);

        Assert.True(property.MoveNext());
        Assert.Equal((PropertyId.PayloadFormatIndicator, true, 0, 2), (property.Id, property.IsSet, property.Start, property.End));
        Assert.True(property.MoveNext());
        Assert.Equal((PropertyId.UserProperty, "b", 2, 9), (property.Id, property.Text, property.Start, property.End));
        Assert.Equal("a"u8, property.Name);
        Assert.True(property.MoveNext());
        Assert.Equal((PropertyId.MessageExpiryInterval, 10u, 9, 14), (property.Id, property.Number, property.Start, property.End));
        Assert.False(property.MoveNext());
    }

    private static ReasonCode? Verdict(byte[] block, PropertyScope scope)
    {
        try
        {
            PropertyScopes.Validate(block, scope);
            return null;
        }
        catch (ProtocolException refused)
        {
            return refused.Reason;
        }
    }
}
