using System.Net;
using Orleans.Mqtt.Tests.Support;
using Xunit;

namespace Orleans.Mqtt.Tests.Admin.Api;

public sealed class RetainedTests(OpenBroker broker)
{
    private readonly string _topic = Unique.Topic();

    [Fact]
    public async Task A_retained_message_is_read_with_all_that_came_with_it()
    {
        using var api = broker.Call();
        var sent = new
        {
            topic = _topic,
            payload = "21 °C",
            qos = 1,
            retain = true,
            properties = new
            {
                messageExpiryInterval = 3600,
                payloadFormatIndicator = 1,
                contentType = "text/plain",
                responseTopic = "answers",
                correlationData = "AAE=",
                userProperties = new[] { new { name = "room", value = "7" }, new { name = "room", value = "8" } },
            },
        };
        await api.PostAsync("/api/v1/publish", sent);

        var message = await api.GetAsync($"/api/v1/retained/message?topic={_topic}");

        Assert.Equal(("21 °C", "text"), (message.GetProperty("payload").GetString(), message.GetProperty("payloadEncoding").GetString()));
        var properties = message.GetProperty("properties");
        Assert.InRange(properties.GetProperty("messageExpiryInterval").GetInt32(), 3_000, 3_600);
        Assert.Equal("text/plain", properties.GetProperty("contentType").GetString());
        Assert.Equal("answers", properties.GetProperty("responseTopic").GetString());
        Assert.Equal("AAE=", properties.GetProperty("correlationData").GetString());
        Assert.Equal(["7", "8"], properties.GetProperty("userProperties").EnumerateArray().Select(user => user.GetProperty("value").GetString()));
    }

    [Fact]
    public async Task A_payload_that_is_no_text_is_read_as_base64()
    {
        using var api = broker.Call();
        await using var client = await broker.ConnectAsync();
        await client.PublishAsync(_topic, [0xFF, 0x00], qos: 1, retain: true);

        var message = await api.GetAsync($"/api/v1/retained/message?topic={_topic}");

        Assert.Equal(("/wA=", "base64"), (message.GetProperty("payload").GetString(), message.GetProperty("payloadEncoding").GetString()));
        Assert.False(message.TryGetProperty("properties", out _));
    }

    [Fact]
    public async Task Those_that_match_are_listed_page_by_page_in_order()
    {
        using var api = broker.Call();
        var topics = Enumerable.Range(0, 120).Select(number => $"{_topic}/{number:x}").Order(StringComparer.Ordinal).ToArray();
        await using var client = await broker.ConnectAsync();
        foreach (var topic in topics)
            await client.PublishAsync(topic, topic, qos: 1, retain: true);
        await client.PublishAsync(_topic + "/a/b", "deeper", qos: 1, retain: true);

        var listed = await api.ListAsync($"/api/v1/retained?filter={_topic}/%2B&limit=50");

        Assert.Equal(topics, listed.Select(message => message.GetProperty("topic").GetString()));
        Assert.All(listed, message => Assert.Equal(
            message.GetProperty("topic").GetString()!.Length, message.GetProperty("payloadBytes").GetInt32()));
    }

    [Fact]
    public async Task One_that_is_deleted_is_gone_and_no_subscriber_hears_of_it()
    {
        using var api = broker.Call();
        await using var client = await broker.ConnectAsync();
        await client.PublishAsync(_topic, "old", qos: 1, retain: true);
        await client.SubscribeAsync(_topic);
        await client.ExpectTextAsync("old");

        await api.DeleteAsync($"/api/v1/retained/message?topic={_topic}");

        await client.ExpectNothingAsync();
        await api.FailAsync(HttpStatusCode.NotFound, HttpMethod.Get, $"/api/v1/retained/message?topic={_topic}");
        await api.FailAsync(HttpStatusCode.NotFound, HttpMethod.Delete, $"/api/v1/retained/message?topic={_topic}");
        await using var late = await broker.ConnectAsync();
        await late.SubscribeAsync(_topic);
        await late.ExpectNothingAsync();
    }

    [Theory]
    [InlineData("/api/v1/retained?filter=a%23", "filter")]
    [InlineData("/api/v1/retained/message", "topic")]
    public async Task A_question_that_makes_no_sense_is_told_so(string path, string told)
    {
        using var api = broker.Call();

        Assert.Contains(told, await api.FailAsync(HttpStatusCode.BadRequest, HttpMethod.Get, path));
    }
}
