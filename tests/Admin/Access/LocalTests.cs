using System.Net;
using Xunit;

namespace Orleans.Mqtt.Tests.Admin.Access;

/// <summary>Without a key: who is on this machine gets in, and no web page that this machine's browser shows.</summary>
public sealed class LocalTests(OpenBroker broker)
{
    [Theory, InlineData("127.0.0.1"), InlineData("localhost"), InlineData("127.0.0.1:80"), InlineData("[::1]:8080"), InlineData("LOCALHOST:1")]
    public async Task This_machine_has_these_names(string host)
    {
        using var api = broker.Call();

        using var answer = await api.SendAsync(HttpMethod.Get, "/api/v1/clients?limit=1", headers: ("Host", host));

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Theory]
    [InlineData("evil.example"), InlineData("localhost.evil.example"), InlineData("127.0.0.1.evil.example:8080")]
    [InlineData("10.0.0.1"), InlineData("0.0.0.0")]
    public async Task A_page_whose_name_was_led_here_gets_nothing(string host)
    {
        using var api = broker.Call();

        foreach (var path in new[] { "/api/v1/clients", "/metrics", "/dashboard/", "/openapi/v1.json", "/mqtt/clients/x/subscribe" })
        {
            using var answer = await api.SendAsync(HttpMethod.Get, path, headers: ("Host", host));
            Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        }
    }

    [Theory, InlineData("http://evil.example"), InlineData("null"), InlineData("https://127.0.0.1"), InlineData("http://localhost:1")]
    public async Task A_page_of_elsewhere_changes_nothing(string origin)
    {
        using var api = broker.Call();

        using var form = await api.SendAsync(
            HttpMethod.Post, "/mqtt/clients/x/publish?topicName=a", "x", "text/plain", ("Origin", origin));
        using var call = await api.SendAsync(HttpMethod.Delete, "/api/v1/clients/x", headers: ("Origin", origin));

        Assert.Equal(HttpStatusCode.Forbidden, form.StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, call.StatusCode);
    }

    [Fact]
    public async Task A_page_of_the_same_origin_may()
    {
        using var api = broker.Call();

        using var answer = await api.SendAsync(
            HttpMethod.Post, "/api/v1/publish", """{"topic":"a"}""",
            headers: ("Origin", broker.Admin.GetLeftPart(UriPartial.Authority)));

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Theory, InlineData("X-Forwarded-For"), InlineData("Forwarded")]
    public async Task What_a_proxy_hands_on_is_not_of_this_machine(string header)
    {
        using var api = broker.Call();

        using var answer = await api.SendAsync(HttpMethod.Get, "/api/v1/clients", headers: (header, "192.0.2.1"));

        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
    }
}
