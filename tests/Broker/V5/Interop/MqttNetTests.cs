using System.Text;
using MQTTnet;
using MQTTnet.Formatter;
using MQTTnet.Protocol;
using Orleans.Mqtt.Tests.Broker.Interop;
using Orleans.Mqtt.Tests.Support;
using Xunit;

namespace Orleans.Mqtt.Tests.Broker.V5.Interop;

/// <summary>MQTT 5 as MQTTnet understands it.</summary>
public sealed class MqttNetTests(SharedBroker broker)
{
    private readonly string _topic = Unique.Topic("net5");

    [Theory, InlineData(0), InlineData(1), InlineData(2)]
    public async Task Every_QoS_with_every_property(int qos)
    {
        await using var alice = await ConnectAsync();
        await using var bob = await ConnectAsync();
        await alice.SubscribeAsync((_topic, qos));

        await bob.Client.PublishAsync(new MqttApplicationMessageBuilder()
            .WithTopic(_topic).WithPayload("hello").WithQualityOfServiceLevel((MqttQualityOfServiceLevel)qos)
            .WithContentType("text/plain").WithResponseTopic("answers").WithCorrelationData([1, 2])
            .WithPayloadFormatIndicator(MqttPayloadFormatIndicator.CharacterData).WithMessageExpiryInterval(100)
            .WithUserProperty("b", "2"u8.ToArray()).WithUserProperty("a", "1"u8.ToArray())
            .Build(), CancellationToken.None);

        var heard = await alice.HearAsync();
        Assert.Equal("hello", heard.ConvertPayloadToString());
        Assert.Equal(("text/plain", "answers"), (heard.ContentType, heard.ResponseTopic));
        Assert.Equal([1, 2], heard.CorrelationData);
        Assert.Equal(MqttPayloadFormatIndicator.CharacterData, heard.PayloadFormatIndicator);
        Assert.InRange(heard.MessageExpiryInterval, 98u, 100u);
        Assert.Equal(["b", "a"], heard.UserProperties.Select(property => property.Name));
    }

    [Fact]
    public async Task What_CONNACK_says()
    {
        await using var client = await ConnectAsync(clientId: "");
        Assert.NotEmpty(client.Answer.AssignedClientIdentifier);
        Assert.Equal(1024u * 1024, client.Answer.MaximumPacketSize);
        Assert.Equal((ushort)1_000, client.Answer.ReceiveMaximum);
        Assert.Equal(MqttQualityOfServiceLevel.ExactlyOnce, client.Answer.MaximumQoS);
        Assert.True(client.Answer.RetainAvailable);
        Assert.True(client.Answer.WildcardSubscriptionAvailable);
        Assert.True(client.Answer.SubscriptionIdentifiersAvailable);
    }

    [Fact]
    public async Task Reasons_of_answers()
    {
        await using var client = await ConnectAsync();
        var published = await client.Client.PublishAsync(new MqttApplicationMessageBuilder()
            .WithTopic("$" + _topic).WithQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce).Build(), CancellationToken.None);
        Assert.Equal(MqttClientPublishReasonCode.NoMatchingSubscribers, published.ReasonCode);

        var ended = await client.Client.UnsubscribeAsync(_topic, CancellationToken.None);
        Assert.Equal(MqttClientUnsubscribeResultCode.NoSubscriptionExisted, ended.Items.Single().ResultCode);
    }

    [Fact]
    public async Task Options_and_identifiers_of_subscriptions()
    {
        await using var alice = await ConnectAsync();
        await using var bob = await ConnectAsync();
        await alice.Client.SubscribeAsync(new MqttClientSubscribeOptionsBuilder()
            .WithSubscriptionIdentifier(7)
            .WithTopicFilter(filter => filter.WithTopic(_topic).WithNoLocal().WithRetainAsPublished()
                .WithRetainHandling(MqttRetainHandling.DoNotSendOnSubscribe))
            .Build(), CancellationToken.None);
        await alice.Client.SubscribeAsync(new MqttClientSubscribeOptionsBuilder()
            .WithSubscriptionIdentifier(300).WithTopicFilter(filter => filter.WithTopic(_topic + "/#").WithNoLocal())
            .Build(), CancellationToken.None);

        await alice.PublishAsync(_topic, "own");
        await bob.PublishAsync(_topic, "kept", retain: true);

        var heard = await alice.HearAsync();
        Assert.Equal(("kept", true), (heard.ConvertPayloadToString(), heard.Retain));
        Assert.Equal([7u, 300u], heard.SubscriptionIdentifiers.Order());
        await bob.PublishAsync(_topic, "", retain: true);
    }

    [Fact]
    public async Task A_question_and_its_answer()
    {
        await using var asker = await ConnectAsync();
        await using var knower = await ConnectAsync();
        await knower.SubscribeAsync((_topic + "/questions", 1));
        await asker.SubscribeAsync((_topic + "/answers", 1));
        await asker.Client.PublishAsync(new MqttApplicationMessageBuilder()
            .WithTopic(_topic + "/questions").WithPayload("6 * 7").WithResponseTopic(_topic + "/answers")
            .WithCorrelationData("q1"u8.ToArray()).Build(), CancellationToken.None);

        var question = await knower.HearAsync();
        await knower.Client.PublishAsync(new MqttApplicationMessageBuilder()
            .WithTopic(question.ResponseTopic).WithPayload("42").WithCorrelationData(question.CorrelationData)
            .Build(), CancellationToken.None);

        var answer = await asker.HearAsync();
        Assert.Equal(("42", "q1"), (answer.ConvertPayloadToString(), Encoding.UTF8.GetString(answer.CorrelationData)));
    }

    [Fact]
    public async Task Offline_queueing_with_a_session_expiry()
    {
        var id = Unique.ClientId("n");
        await using (var alice = await ConnectAsync(id, clean: false, options => options.WithSessionExpiryInterval(100)))
        {
            await alice.SubscribeAsync((_topic, 2));
            await alice.DisconnectAsync();
        }

        await using var bob = await ConnectAsync();
        await bob.PublishAsync(_topic, "one", qos: 1);
        await bob.PublishAsync(_topic, "two", qos: 2);

        await using var again = await ConnectAsync(id, clean: false, options => options.WithSessionExpiryInterval(100));
        Assert.True(again.IsSessionPresent);
        await again.ExpectAsync(_topic, "one", 1);
        await again.ExpectAsync(_topic, "two", 2);
    }

    [Fact]
    public async Task A_takeover_and_its_reason()
    {
        var id = Unique.ClientId("n");
        await using var old = await ConnectAsync(id);
        await using var young = await ConnectAsync(id);
        Assert.Equal(MqttClientDisconnectReason.SessionTakenOver, (await old.Gone).Reason);
    }

    [Fact]
    public async Task A_will_with_properties()
    {
        await using var alice = await ConnectAsync();
        await alice.SubscribeAsync((_topic, 1));
        await using (var bob = await ConnectAsync(more: options => options
            .WithWillTopic(_topic).WithWillPayload("gone").WithWillQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce)
            .WithWillContentType("text/plain").WithWillUserProperty("a", "1"u8.ToArray())))
        {
            Assert.False(bob.IsSessionPresent);
        }

        var heard = await alice.HearAsync();
        Assert.Equal(("gone", "text/plain"), (heard.ConvertPayloadToString(), heard.ContentType));
        Assert.Equal("a", heard.UserProperties.Single().Name);
    }

    private Task<OtherClient> ConnectAsync(
        string? clientId = null, bool clean = true, Action<MqttClientOptionsBuilder>? more = null) =>
        OtherClient.ConnectAsync(broker.Port, clientId, clean, options =>
        {
            options.WithProtocolVersion(MqttProtocolVersion.V500);
            more?.Invoke(options);
        });
}
