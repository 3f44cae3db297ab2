using Orleans.Mqtt.Tests.Support;
using Xunit;

namespace Orleans.Mqtt.Tests.Broker.V5.Properties;

/// <summary>Section 2.2.2: every property in every packet of a client - allowed, forbidden, twice, out of range, cut off.</summary>
public sealed class PropertyTests(SharedBroker broker)
{
    private const int Malformed = 0x81, ProtocolError = 0x82;

    public static TheoryData<string> Places => [.. PropertyPlace.InSession.Select(place => place.Name)];

    [Fact]
    public async Task CONNECT_takes_the_properties_that_are_listed_for_it()
    {
        foreach (var id in Prop.All.Except([Prop.AuthData])) // which needs a method
            await ExpectAnswerAsync(PropertyPlace.Connect, new Props().Sample(id), Verdict(PropertyPlace.Connect, id));
    }

    [Fact]
    public async Task A_will_takes_the_properties_that_are_listed_for_it()
    {
        foreach (var id in Prop.All)
            await ExpectAnswerAsync(PropertyPlace.Will, new Props().Sample(id), Verdict(PropertyPlace.Will, id));
    }

    [Theory, MemberData(nameof(Places)), Spec("MQTT-3.3.4-6")]
    public async Task A_packet_takes_the_properties_that_are_listed_for_it(string name)
    {
        var place = Place(name);
        foreach (var id in Prop.All)
        {
            // What only a server may say is known in a PUBLISH, and wrong.
            var reason = place.Allows(id) ? 0 : (name, id) is ("PUBLISH", Prop.SubscriptionId) ? ProtocolError : Malformed;
            if ((name, id) is not ("DISCONNECT", Prop.SessionExpiry))
                await ExpectAsync(place, new Props().Sample(id), reason);
        }
    }

    [Fact]
    public async Task CONNECT_takes_a_property_once()
    {
        foreach (var id in PropertyPlace.Connect.Allowed.Except([Prop.User]))
            await ExpectAnswerAsync(PropertyPlace.Connect, new Props().Sample(id).Sample(id), ProtocolError);
        foreach (var id in PropertyPlace.Will.Allowed.Except([Prop.User]))
            await ExpectAnswerAsync(PropertyPlace.Will, new Props().Sample(id).Sample(id), ProtocolError);
    }

    [Theory, MemberData(nameof(Places))]
    public async Task A_packet_takes_a_property_once_and_user_properties_as_often_as_they_come(string name)
    {
        var place = Place(name);
        foreach (var id in place.Allowed)
            await ExpectAsync(place, new Props().Sample(id).Sample(id), id == Prop.User ? 0 : ProtocolError);
    }

    [Theory, MemberData(nameof(Places)), Spec("MQTT-4.13.1-1")]
    public async Task A_packet_takes_no_property_that_nobody_knows(string name)
    {
        foreach (var id in new[] { 0x00, 0x04, 0x0A, 0x14, 0x2B, 0x7F, 0xFF })
            await ExpectAsync(Place(name), new Props().Byte(id, 1), Malformed);
    }

    [Theory, MemberData(nameof(Places)), Spec("MQTT-1.5.7-1", "MQTT-1.5.4-1", "MQTT-1.5.4-2")]
    public async Task Both_texts_of_a_user_property_must_be_UTF8(string name)
    {
        await ExpectAsync(Place(name), new Props().Raw(Prop.User, 0, 1, 0xFF, 0, 1, (byte)'v'), Malformed);
        await ExpectAsync(Place(name), new Props().Raw(Prop.User, 0, 1, (byte)'n', 0, 2, 0xC0, 0x80), Malformed);
        await ExpectAsync(Place(name), new Props().Raw(Prop.User, 0, 1, (byte)'n', 0, 1, 0), Malformed);
    }

    [Theory, MemberData(nameof(Places))]
    public async Task A_property_is_not_cut_off(string name)
    {
        await ExpectAsync(Place(name), new Props().Raw(Prop.User, 0, 1, (byte)'n', 0, 9, (byte)'v'), Malformed);
        await ExpectAsync(Place(name), new Props().Raw(Prop.User), Malformed);
    }

    [Theory]
    [InlineData(Prop.RequestProblems), InlineData(Prop.RequestResponse)]
    public Task A_yes_or_no_of_CONNECT_is_no_more_than_one(int id) =>
        ExpectAnswerAsync(PropertyPlace.Connect, new Props().Byte(id, 2), ProtocolError);

    [Fact]
    public async Task Limits_of_CONNECT_are_not_zero()
    {
        await ExpectAnswerAsync(PropertyPlace.Connect, new Props().Short(Prop.ReceiveMaximum, 0), ProtocolError);
        await ExpectAnswerAsync(PropertyPlace.Connect, new Props().Int(Prop.MaximumPacketSize, 0), ProtocolError);
    }

    [Fact]
    public Task Authentication_data_wants_a_method() =>
        ExpectAnswerAsync(PropertyPlace.Connect, new Props().Binary(Prop.AuthData, 1), ProtocolError);

    [Fact]
    public async Task A_payload_format_is_no_more_than_one()
    {
        await ExpectAsync(Place("PUBLISH"), new Props().Byte(Prop.PayloadFormat, 2), ProtocolError);
        await ExpectAnswerAsync(PropertyPlace.Will, new Props().Byte(Prop.PayloadFormat, 2), ProtocolError);
    }

    [Fact, Spec("MQTT-1.5.5-1")]
    public async Task A_subscription_identifier_is_not_zero_and_in_its_shortest_form()
    {
        await ExpectAsync(Place("SUBSCRIBE"), new Props().VarInt(Prop.SubscriptionId, 0), ProtocolError);
        await ExpectAsync(Place("SUBSCRIBE"), new Props().Raw(Prop.SubscriptionId, 0x81, 0), Malformed);
        await ExpectAsync(Place("SUBSCRIBE"), new Props().Raw(Prop.SubscriptionId, 0xFF, 0xFF, 0xFF, 0xFF, 1), Malformed);
        await ExpectAsync(Place("SUBSCRIBE"), new Props().VarInt(Prop.SubscriptionId, 268_435_455), 0);
    }

    [Fact, Spec("MQTT-3.3.2-13", "MQTT-3.3.2-14", "MQTT-3.3.2-19", "MQTT-4.7.3-1")]
    public async Task Response_topic_and_content_type_must_be_what_they_are_called()
    {
        var publish = Place("PUBLISH");
        await ExpectAsync(publish, new Props().Raw(Prop.ResponseTopic, 0, 1, 0xFF), Malformed);
        await ExpectAsync(publish, new Props().Text(Prop.ResponseTopic, "answers/+"), ProtocolError);
        await ExpectAsync(publish, new Props().Text(Prop.ResponseTopic, "#"), ProtocolError);
        await ExpectAsync(publish, new Props().Text(Prop.ResponseTopic, ""), ProtocolError);
        await ExpectAsync(publish, new Props().Raw(Prop.ContentType, 0, 1, 0xFF), Malformed);
    }

    private static PropertyPlace Place(string name) => Array.Find(PropertyPlace.InSession, place => place.Name == name)!;

    private static int Verdict(PropertyPlace place, int id) =>
        id == Prop.AuthMethod && place.Allows(id) ? 0x8C : place.Allows(id) ? 0 : Malformed;

    /// <summary>CONNACK with this reason.</summary>
    private async Task ExpectAnswerAsync(PropertyPlace place, Props properties, int reason)
    {
        await using var client = await broker.OpenAsync();
        await client.SendAsync(place.Packet(properties));
        var answer = await client.ReceiveAsync();
        Assert.True((answer.Header, answer.Body[1]) == (0x20, reason),
            $"{place} with {Convert.ToHexString(properties.ToArray())}: {reason:x2} was expected, but {answer} came");
    }

    /// <summary>DISCONNECT with this reason, or with 0 that the client is still in, or was until it said goodbye itself.</summary>
    private async Task ExpectAsync(PropertyPlace place, Props properties, int reason)
    {
        await using var client = await broker.Connect5Async();
        await client.SendAsync(place.Packet(properties), Packet.PingReq);
        var last = await LastAsync(client, untilPing: reason == 0 && place.Name != "DISCONNECT");
        var came = last is { Type: RawType.Disconnect } ? last.Reason : 0;
        Assert.True(came == reason,
            $"{place} with {Convert.ToHexString(properties.ToArray())}: {reason:x2} was expected, but {last} came");
    }

    private static async Task<RawPacket?> LastAsync(RawClient client, bool untilPing)
    {
        RawPacket? last = null;
        while (await client.TryReceiveAsync() is { } packet)
        {
            last = packet;
            if (untilPing && packet.Type is RawType.PingResp or RawType.Disconnect)
                break;
        }

        return last;
    }
}
