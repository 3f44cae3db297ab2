using System.Text.Json;
using Orleans.Mqtt.Protocol;
using Orleans.Mqtt.Silo.Nats;
using Orleans.Mqtt.Tests.Support;

namespace Orleans.Mqtt.Tests.Nats.Taking;

/// <summary>What is sent to NATS for MQTT is published.</summary>
public sealed class InletTests(SharedNats nats)
{
    private readonly string _token = Unique.Token();

    private string Topic => $"in/{_token}";

    private string Subject => $"mqtt-in.in.{_token}";

    [Theory, InlineData("0", 0), InlineData("1", 1), InlineData("2", 2), InlineData(null, 0)]
    public async Task A_message_is_published_with_the_QoS_it_asks_for(string? header, int qos)
    {
        await using var alice = await nats.Broker.ConnectAsync();
        await alice.SubscribeAsync(Topic, 2);
        await using var peer = await nats.HearingAsync("none");

        var answer = await peer.AskAsync(Subject, "hello", header is null ? [] : [(MessageHeaders.QoSLevel, header)]);

        Assert.Equal(ReasonCode.Success, ReasonOf(answer));
        var heard = await alice.HearAsync();
        Assert.Equal((Topic, "hello", qos, false), (heard.Topic, heard.Text, heard.QoS, heard.Retain));
    }

    [Fact]
    public async Task A_message_reaches_a_persistent_session_that_is_away()
    {
        var clientId = Unique.ClientId();
        await using (var before = await nats.Broker.ConnectAsync(clientId, clean: false))
            await before.SubscribeAsync(Topic, 2);
        await using var peer = await nats.HearingAsync("none");

        var answer = await peer.AskAsync(Subject, "hello", (MessageHeaders.QoSLevel, "2"));

        Assert.Equal(ReasonCode.Success, ReasonOf(answer));
        await using var after = await nats.Broker.ConnectAsync(clientId, clean: false);
        await after.ExpectTextAsync("hello", Topic);
    }

    [Fact]
    public async Task A_message_is_retained_when_it_asks_for_it()
    {
        await using var peer = await nats.HearingAsync("none");
        await peer.AskAsync(Subject, "kept", (MessageHeaders.Retain, "true"), (MessageHeaders.QoSLevel, "1"));

        await using var alice = await nats.Broker.ConnectAsync();
        await alice.SubscribeAsync(Topic, 1);

        var heard = await alice.HearAsync();
        Assert.Equal(("kept", 1, true), (heard.Text, heard.QoS, heard.Retain));
        await peer.AskAsync(Subject, "", (MessageHeaders.Retain, "1"));
    }

    [Fact]
    public async Task Who_asks_learns_that_nobody_wanted_it()
    {
        await using var peer = await nats.HearingAsync("none");

        Assert.Equal(ReasonCode.NoMatchingSubscribers, ReasonOf(await peer.AskAsync(Subject, "x", (MessageHeaders.QoSLevel, "1"))));
    }

    [Theory]
    [InlineData("a+b", "", "", ReasonCode.TopicNameInvalid)]
    [InlineData("a/b", "", "", ReasonCode.TopicNameInvalid)]
    [InlineData("a", MessageHeaders.QoSLevel, "7", ReasonCode.QoSNotSupported)]
    [InlineData("a", MessageHeaders.ResponseTopic, "#", ReasonCode.TopicNameInvalid)]
    [InlineData("a", MessageHeaders.Origin, "there, orleans-mqtt", ReasonCode.ImplementationSpecificError)]
    public async Task What_may_not_be_published_is_not_and_who_asks_learns_why(
        string token, string header, string value, ReasonCode reason)
    {
        await using var alice = await nats.Broker.ConnectAsync();
        await alice.SubscribeAsync($"{Topic}/#");
        await using var peer = await nats.HearingAsync("none");

        var answer = await peer.AskAsync($"{Subject}.{token}", "wrong", header.Length == 0 ? [] : [(header, value)]);

        Assert.Equal(reason, ReasonOf(answer));
        await peer.AskAsync($"{Subject}.fence", "fence");
        await alice.ExpectTextAsync("fence");
    }

    [Fact]
    public async Task Nobody_speaks_for_the_broker()
    {
        await using var peer = await nats.HearingAsync("none");

        Assert.Equal(ReasonCode.NotAuthorized, ReasonOf(await peer.AskAsync("mqtt-in.$SYS.broker.x", "x")));
        Assert.Equal(ReasonCode.NotAuthorized, ReasonOf(await peer.AskAsync("mqtt-in.$delayed.1.$SYS.broker.x", "x")));
    }

    [Fact]
    public async Task A_message_is_copied_out_with_all_that_it_said_and_its_origin()
    {
        await using var copies = await nats.HearingAsync("in");
        await using var peer = await nats.HearingAsync("none");

        await peer.AskAsync(
            Subject, "hello", (MessageHeaders.ContentType, "text/plain"), (MessageHeaders.UserProperty, "a=1"),
            (MessageHeaders.UserProperty, "a=2%0D%0A"), (MessageHeaders.CorrelationData, "AA0K"), (MessageHeaders.Origin, "there"));

        var copy = await copies.HearUntilTextAsync("hello");
        Assert.Equal($"mqtt.in.{_token}", copy.Subject);
        Assert.Equal("text/plain", copy.Headers![MessageHeaders.ContentType]);
        Assert.Equal(["a=1", "a=2%0D%0A"], copy.Headers[MessageHeaders.UserProperty].ToArray());
        Assert.Equal("AA0K", copy.Headers[MessageHeaders.CorrelationData]);
        Assert.Equal("there,orleans-mqtt", copy.Headers[MessageHeaders.Origin]);
        Assert.False(copy.Headers.ContainsKey(MessageHeaders.ClientId));
    }

    [Fact]
    public async Task Messages_of_one_sender_come_in_order_and_once()
    {
        var clientId = Unique.ClientId();
        await using var alice = await nats.Broker.ConnectAsync(clientId, clean: false);
        await alice.SubscribeAsync(Topic, 2);
        await using var peer = await nats.HearingAsync("none");
        await peer.AskAsync(Subject, "begin", (MessageHeaders.QoSLevel, "2"));

        for (var n = 0; n < 2_000; n++)
            await peer.PublishAsync(Subject, $"{n}", (MessageHeaders.QoSLevel, "2"));

        await alice.ExpectTextAsync("begin");
        for (var n = 0; n < 2_000; n++)
            await alice.ExpectTextAsync($"{n}");
    }

    private static ReasonCode ReasonOf(string answer)
    {
        using var json = JsonDocument.Parse(answer);
        var reason = (ReasonCode)json.RootElement.GetProperty("reason").GetByte();
        Assert.Equal(reason.ToString(), json.RootElement.GetProperty("name").GetString());
        return reason;
    }
}
