using System.Net;
using System.Text.Json;
using Orleans.Mqtt.Tests.Support;
using Xunit;

namespace Orleans.Mqtt.Tests.Admin.Api;

/// <summary>What a program that was written for Mithqtt says, and what it is told.</summary>
public sealed class MithqttTests(OpenBroker broker)
{
    private readonly string _topic = Unique.Topic();

    [Fact]
    public async Task Publish_reaches_subscribers()
    {
        using var api = broker.Call();
        await using var alice = await broker.ConnectAsync();
        await alice.SubscribeAsync(_topic, 2);

        var answer = await SayAsync(
            api, $"publish?protocol=4&dup=false&qos=1&topicName={_topic}&packetId=9", "plain words", "text/plain");

        Assert.Equal("""{"result":true}""", answer);
        var heard = await alice.HearAsync();
        Assert.Equal(("plain words", 1, false), (heard.Text, heard.QoS, heard.Retain));
    }

    [Fact]
    public async Task Subscribe_works_for_a_client_that_has_never_connected()
    {
        using var api = broker.Call();
        var id = Unique.ClientId();

        var granted = await SayAsync(
            api, "subscribe?protocol=4&packetId=1",
            $$"""[{"topic":"{{_topic}}/+","qos":1},{"topic":"denied/x","qos":0},{"topic":"{{_topic}}","qos":2}]""", id: id);
        var listed = await api.GetTextAsync($"/mqtt/clients/{id}/subscribe");
        await api.PostAsync("/api/v1/publish", new { topic = _topic, payload = "early", qos = 2 });

        Assert.Equal("""{"result":["AT_LEAST_ONCE","NOT_GRANTED","EXACTLY_ONCE"]}""", granted);
        Assert.Equal($$"""{"result":[{"topic":"{{_topic}}","qos":2},{"topic":"{{_topic}}/+","qos":1}]}""", listed);
        await using var client = await broker.ConnectAsync(id, clean: false);
        Assert.True(client.SessionPresent);
        await client.ExpectTextAsync("early");
    }

    [Theory, InlineData("$exclusive/denied/x"), InlineData("$share/g/denied/x")]
    public async Task What_the_rules_deny_is_denied_in_every_form(string filter)
    {
        using var api = broker.Call();

        var granted = await SayAsync(api, "subscribe", $$"""[{"topic":"{{filter}}","qos":1}]""", id: Unique.ClientId());

        Assert.Equal("""{"result":["NOT_GRANTED"]}""", granted);
    }

    [Fact]
    public async Task Unsubscribe_ends_a_subscription()
    {
        using var api = broker.Call();
        await using var client = await broker.ConnectAsync();
        await client.SubscribeAsync(_topic, 1);

        var answer = await SayAsync(api, "unsubscribe", $"""["{_topic}"]""", id: client.ClientId);

        Assert.Equal("""{"result":true}""", answer);
        Assert.Equal("""{"result":[]}""", await api.GetTextAsync($"/mqtt/clients/{client.ClientId}/subscribe"));
        await api.PostAsync("/api/v1/publish", new { topic = _topic, payload = "silence" });
        await client.ExpectNothingAsync();
    }

    [Theory]
    [InlineData("publish?topicName=a/%2B", "x", 422, 11)]
    [InlineData("publish", "x", 422, 11)]
    [InlineData("publish?topicName=a&qos=3", "x", 422, 11)]
    [InlineData("publish?topicName=denied/a", "x", 401, 1)]
    [InlineData("publish?topicName=$delayed/1/denied/a", "x", 401, 1)]
    [InlineData("publish?topicName=$SYS/a", "x", 401, 1)]
    [InlineData("publish?topicName=$delayed/4294967295/a", "x", 422, 11)]
    [InlineData("subscribe", """[{"topic":"a#","qos":1}]""", 422, 11)]
    [InlineData("subscribe", """[{"topic":"a","qos":5}]""", 422, 11)]
    [InlineData("unsubscribe", """["a#"]""", 422, 11)]
    public async Task What_is_wrong_has_its_code(string call, string body, int status, int code)
    {
        using var api = broker.Call();

        using var answer = await api.SendAsync(
            HttpMethod.Post, $"/mqtt/clients/{Unique.ClientId()}/{call}", body,
            call.StartsWith("publish", StringComparison.Ordinal) ? "text/plain" : "application/json");

        Assert.Equal((HttpStatusCode)status, answer.StatusCode);
        using var error = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal(code, error.RootElement.GetProperty("code").GetInt32());
    }

    [Fact]
    public async Task A_body_beyond_the_limit_is_refused()
    {
        using var api = broker.Call();

        using var answer = await api.SendAsync(
            HttpMethod.Post, $"/mqtt/clients/x/publish?topicName={_topic}", new string('x', 1_001), "text/plain");

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
    }

    private static async Task<string> SayAsync(
        Caller api, string call, string body, string type = "application/json", string id = "somebody")
    {
        using var answer = await api.SendAsync(HttpMethod.Post, $"/mqtt/clients/{id}/{call}", body, type);
        var text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(answer.StatusCode == HttpStatusCode.OK, text);
        return text;
    }
}
