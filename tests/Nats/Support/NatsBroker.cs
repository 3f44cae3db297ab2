using Orleans.Mqtt.Tests.Support;

namespace Orleans.Mqtt.Tests.Nats.Support;

/// <summary>Starts our broker beside a nats-server.</summary>
internal static class NatsBroker
{
    /// <summary>It tries to reach NATS again soon, so that tests do not wait for it.</summary>
    public static Task<TestBroker> StartAsync(NatsServer server, params string[] arguments) => TestBroker.StartAsync(
        ["--nats", server.Url, "--Nats:ReconnectPause", "00:00:00.050", "--Nats:Timeout", "00:00:01", .. arguments]);

    public static async Task SaysAsync(this TestBroker broker, string part) => await Eventually.ThatAsync(
        () => broker.Output.Any(line => line.Contains(part, StringComparison.Ordinal)),
        () => string.Join('\n', broker.Output));

    public static async Task<bool> IsReadyAsync(this TestBroker broker)
    {
        using var http = new HttpClient();
        using var answer = await http.GetAsync(new Uri(broker.Admin, "/health/ready"));
        return answer.IsSuccessStatusCode;
    }
}
