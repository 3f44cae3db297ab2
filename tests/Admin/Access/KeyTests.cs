using System.Net;
using System.Text;
using Orleans.Mqtt.Tests.Support;
using Xunit;

namespace Orleans.Mqtt.Tests.Admin.Access;

/// <summary>The tests that share the broker with keys.</summary>
[CollectionDefinition(nameof(KeyedBroker))]
public sealed class KeyedBrokerShared : ICollectionFixture<KeyedBroker>;

/// <summary>A broker with two keys.</summary>
public sealed class KeyedBroker : IAsyncLifetime
{
    public const string Key = "a-key-that-nobody-guesses", OtherKey = "!another/key=with_signs~";

    private TestBroker? _broker;

    public Uri Admin => (_broker ?? throw new InvalidOperationException("the broker was not started")).Admin;

    public async ValueTask InitializeAsync() => _broker = await TestBroker.StartAsync(
        $"--Management:ApiKeys:0={Key}", $"--Management:ApiKeys:1={OtherKey}");

    public ValueTask DisposeAsync() => _broker?.DisposeAsync() ?? ValueTask.CompletedTask;
}

[Collection(nameof(KeyedBroker))]
public sealed class KeyTests(KeyedBroker broker)
{
    public static TheoryData<string> Guarded =>
    [
        "/api/v1/clients", "/api/v1/nothing", "/mqtt/clients/x/subscribe", "/openapi/v1.json", "/metrics", "/", "/unknown",
    ];

    [Theory, MemberData(nameof(Guarded))]
    public async Task Without_a_key_nothing_is_served_and_the_answer_says_how_to_send_one(string path)
    {
        using var nobody = new Caller(broker.Admin);

        var told = await nobody.FailAsync(HttpStatusCode.Unauthorized, HttpMethod.Get, path);

        Assert.Contains("Authorization: Bearer", told, StringComparison.Ordinal);
        using var answer = await nobody.SendAsync(HttpMethod.Get, path);
        Assert.Equal("Bearer", answer.Headers.WwwAuthenticate.Single().Scheme);
    }

    [Theory, InlineData("/health/live"), InlineData("/health/ready")]
    public async Task Health_is_told_to_everybody(string path)
    {
        using var nobody = new Caller(broker.Admin);

        Assert.Equal("Healthy", await nobody.GetTextAsync(path));
    }

    [Theory]
    [InlineData("Authorization", "Bearer " + KeyedBroker.Key)]
    [InlineData("authorization", "bearer " + KeyedBroker.OtherKey)]
    [InlineData("X-Api-Key", KeyedBroker.Key)]
    [InlineData("x-api-key", KeyedBroker.OtherKey)]
    public async Task Each_key_opens_in_either_header(string name, string value)
    {
        using var api = new Caller(broker.Admin);

        foreach (var path in new[] { "/api/v1/clients", "/metrics", "/openapi/v1.json", "/mqtt/clients/x/subscribe" })
        {
            using var answer = await api.SendAsync(HttpMethod.Get, path, headers: (name, value));
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }
    }

    [Theory]
    [InlineData("Authorization", "Bearer a-key-that-nobody-guesseS")]
    [InlineData("Authorization", "Bearer a-key-that-nobody-guesses-")]
    [InlineData("Authorization", "Bearer a-key-that-nobody")]
    [InlineData("Authorization", "Bearer ")]
    [InlineData("Authorization", KeyedBroker.Key)]
    [InlineData("Authorization", "Basic OmEta2V5LXRoYXQtbm9ib2R5LWd1ZXNzZXM=")]
    [InlineData("X-Api-Key", "")]
    [InlineData("X-Api-Key", "Bearer " + KeyedBroker.Key)]
    public async Task A_wrong_key_opens_nothing(string name, string value)
    {
        using var api = new Caller(broker.Admin);

        using var answer = await api.SendAsync(HttpMethod.Get, "/api/v1/clients", headers: (name, value));

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
    }

    [Fact]
    public async Task A_key_in_the_address_is_none()
    {
        using var api = new Caller(broker.Admin);

        await api.FailAsync(HttpStatusCode.Unauthorized, HttpMethod.Get, $"/api/v1/clients?key={KeyedBroker.Key}");
    }

    [Fact]
    public async Task A_browser_is_asked_to_log_in_to_the_dashboard_with_a_key_as_the_password()
    {
        using var api = new Caller(broker.Admin);
        using (var refused = await api.SendAsync(HttpMethod.Get, "/dashboard/"))
        {
            Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
            Assert.Equal("Basic", refused.Headers.WwwAuthenticate.Single().Scheme);
        }

        using var answer = await api.SendAsync(HttpMethod.Get, "/dashboard/", headers: ("Authorization", BasicOf(KeyedBroker.Key)));
        using var wrong = await api.SendAsync(HttpMethod.Get, "/dashboard/", headers: ("Authorization", BasicOf("wrong")));

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, wrong.StatusCode);
    }

    private static string BasicOf(string password) => "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes("me:" + password));
}
