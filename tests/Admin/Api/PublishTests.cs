using System.Net;
using Orleans.Mqtt.Tests.Support;
using Xunit;

namespace Orleans.Mqtt.Tests.Admin.Api;

public sealed class PublishTests(OpenBroker broker)
{
    private readonly string _topic = Unique.Topic();

    [Theory, InlineData(0), InlineData(1), InlineData(2)]
    public async Task What_is_published_over_HTTP_reaches_subscribers(int qos)
    {
        using var api = broker.Call();
        await using var alice = await broker.ConnectAsync();
        await alice.SubscribeAsync(_topic, qos);

        var verdict = await api.PostAsync("/api/v1/publish", new { topic = _topic, payload = "wärm", qos });

        Assert.Equal("Success", verdict.GetProperty("verdict").GetString());
        Assert.Equal(0, verdict.GetProperty("code").GetInt32());
        var heard = await alice.HearAsync();
        Assert.Equal(("wärm", qos), (heard.Text, heard.QoS));
    }

    [Fact]
    public async Task A_payload_may_be_base64()
    {
        using var api = broker.Call();
        await using var alice = await broker.ConnectAsync();
        await alice.SubscribeAsync(_topic);

        await api.PostAsync("/api/v1/publish", new { topic = _topic, payload = "AP8B", payloadEncoding = "base64" });

        Assert.Equal("00FF01", Convert.ToHexString((await alice.HearAsync()).Payload));
    }

    [Fact]
    public async Task The_verdict_says_when_nobody_is_subscribed()
    {
        using var api = broker.Call();

        var verdict = await api.PostAsync("/api/v1/publish", new { topic = _topic, payload = "x", qos = 1 });

        Assert.Equal(16, verdict.GetProperty("code").GetInt32());
        Assert.Equal("NoMatchingSubscribers", verdict.GetProperty("verdict").GetString());
    }

    [Fact]
    public async Task A_persistent_session_has_it_when_the_answer_is_there()
    {
        using var api = broker.Call();
        var bob = await broker.LeaveSessionAsync(Unique.ClientId(), _topic);

        await api.PostAsync("/api/v1/publish", new { topic = _topic, payload = "1", qos = 2 });
        await api.PostAsync("/api/v1/publish", new { topic = _topic, payload = "2", qos = 1 });

        Assert.Equal(2, (await api.GetAsync($"/api/v1/clients/{bob}")).GetProperty("queued").GetInt32());
        await using var client = await broker.ConnectAsync(bob, clean: false);
        await client.ExpectTextAsync("1");
        await client.ExpectTextAsync("2");
    }

    [Fact]
    public async Task A_message_can_be_sent_to_one_client_whatever_it_is_subscribed_to()
    {
        using var api = broker.Call();
        await using var alice = await broker.ConnectAsync();
        await using var bob = await broker.ConnectAsync();
        await bob.SubscribeAsync(_topic);

        for (var qos = 0; qos <= 2; qos++)
            await api.PostAsync($"/api/v1/clients/{alice.ClientId}/publish", new { topic = _topic, payload = $"{qos}", qos });

        for (var qos = 0; qos <= 2; qos++)
            Assert.Equal(($"{qos}", qos), await HeardAsync(alice));
        await bob.ExpectNothingAsync();
    }

    [Fact]
    public async Task A_message_to_a_client_that_is_away_waits_in_its_session()
    {
        using var api = broker.Call();
        var bob = await broker.LeaveSessionAsync(Unique.ClientId());

        await api.PostAsync($"/api/v1/clients/{bob}/publish", new { topic = _topic, payload = "later", qos = 1 });
        await api.FailAsync(
            HttpStatusCode.NotFound, HttpMethod.Post, $"/api/v1/clients/{bob}/publish", $$"""{"topic":"{{_topic}}"}""");

        await using var client = await broker.ConnectAsync(bob, clean: false);
        await client.ExpectTextAsync("later", _topic);
        await client.ExpectNothingAsync();
    }

    [Fact]
    public async Task Nobody_is_there_to_take_a_message_for_an_unknown_client() => await FailAsync(
        HttpStatusCode.NotFound, $"/api/v1/clients/{Unique.ClientId()}/publish", """{"topic":"a","qos":1}""", "not there");

    [Theory]
    [InlineData("""{"topic":"a/+","payload":"x"}""", "topic")]
    [InlineData("""{"topic":"","payload":"x"}""", "topic")]
    [InlineData("""{"topic":"a","qos":3}""", "qos")]
    [InlineData("""{"topic":"a","payload":"?","payloadEncoding":"base64"}""", "base64")]
    [InlineData("""{"topic":"a","payloadEncoding":"morse"}""", "PayloadEncoding")]
    [InlineData("""{"payload":"x"}""", "topic")]
    [InlineData("""{"topic":"a","nonsense":1}""", "nonsense")]
    [InlineData("""{"topic":"a","properties":{"responseTopic":"#"}}""", "responseTopic")]
    [InlineData("""{"topic":"a","properties":{"contentType":"\u0000"}}""", "properties")]
    [InlineData("""{"topic":"a","properties":{"correlationData":"!"}}""", "correlationData")]
    [InlineData("""{"topic":"a","payload":"/w==","payloadEncoding":"base64","properties":{"payloadFormatIndicator":1}}""", "payload")]
    [InlineData("""{"topic":"a" """, "JSON")]
    [InlineData("""[]""", "JSON")]
    [InlineData("", "body")]
    public async Task What_cannot_be_published_is_told_what_is_wrong(string body, string told) =>
        await FailAsync(HttpStatusCode.BadRequest, "/api/v1/publish", body, told);

    [Theory, InlineData("$SYS/broker/uptime"), InlineData("$delayed/1/$SYS/x")]
    public async Task Nobody_speaks_for_the_broker(string topic) => await FailAsync(
        HttpStatusCode.Forbidden, "/api/v1/publish", $$"""{"topic":"{{topic}}","payload":"x"}""", "$SYS");

    [Fact]
    public async Task A_body_that_is_no_JSON_by_its_type_is_not_read()
    {
        using var api = broker.Call();

        using var answer = await api.SendAsync(
            HttpMethod.Post, "/api/v1/publish", """{"topic":"a"}""", "application/x-www-form-urlencoded");

        Assert.Equal(HttpStatusCode.UnsupportedMediaType, answer.StatusCode);
    }

    [Fact]
    public async Task A_payload_beyond_the_limit_is_refused()
    {
        using var api = broker.Call();
        await api.PostAsync("/api/v1/publish", new { topic = _topic, payload = new string('x', 1_000) });

        await FailAsync(
            HttpStatusCode.RequestEntityTooLarge, "/api/v1/publish",
            $$"""{"topic":"a","payload":"{{new string('x', 1_001)}}"}""", "1000");
    }

    private static async Task<(string, int)> HeardAsync(RawClient client)
    {
        var heard = await client.HearAsync();
        return (heard.Text, heard.QoS);
    }

    private async Task FailAsync(HttpStatusCode status, string path, string body, string told)
    {
        using var api = broker.Call();
        Assert.Contains(told, await api.FailAsync(status, HttpMethod.Post, path, body), StringComparison.OrdinalIgnoreCase);
    }
}
