using Xunit;

namespace Orleans.Mqtt.Tests.Admin.Api;

public sealed class OpenApiTests(OpenBroker broker)
{
    [Fact]
    public async Task Every_call_is_described()
    {
        using var api = broker.Call();

        var document = await api.GetAsync("/openapi/v1.json");

        Assert.StartsWith("3.", document.GetProperty("openapi").GetString(), StringComparison.Ordinal);
        var calls = document.GetProperty("paths").EnumerateObject()
            .SelectMany(path => path.Value.EnumerateObject().Select(call => (Name: $"{call.Name} {path.Name}", call.Value)))
            .ToArray();
        Assert.Equal(
            [
                "delete /api/v1/clients/{clientId}",
                "delete /api/v1/clients/{clientId}/connection",
                "delete /api/v1/clients/{clientId}/subscriptions",
                "delete /api/v1/retained/message",
                "get /api/v1/clients",
                "get /api/v1/clients/{clientId}",
                "get /api/v1/clients/{clientId}/subscriptions",
                "get /api/v1/gateways",
                "get /api/v1/retained",
                "get /api/v1/retained/message",
                "get /api/v1/silos",
                "get /api/v1/statistics",
                "get /api/v1/subscriptions",
                "get /mqtt/clients/{clientId}/subscribe",
                "post /api/v1/clients/{clientId}/publish",
                "post /api/v1/clients/{clientId}/subscriptions",
                "post /api/v1/publish",
                "post /mqtt/clients/{clientId}/publish",
                "post /mqtt/clients/{clientId}/subscribe",
                "post /mqtt/clients/{clientId}/unsubscribe",
            ],
            calls.Select(call => call.Name).Order(StringComparer.Ordinal));
        Assert.All(calls, call =>
        {
            Assert.NotEmpty(call.Value.GetProperty("summary").GetString()!);
            Assert.NotEmpty(call.Value.GetProperty("operationId").GetString()!);
            Assert.Contains(call.Value.GetProperty("responses").EnumerateObject(), answer => answer.Name is "200" or "204");
        });
    }
}
