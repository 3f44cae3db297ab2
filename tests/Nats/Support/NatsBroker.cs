using Orleans.Mqtt.Tests.Support;

namespace Orleans.Mqtt.Tests.Nats.Support;

/// <summary>Starts our broker beside a nats-server.</summary>
internal static class NatsBroker
{
    /// <summary>It tries to reach NATS again soon, so that tests do not wait for it.</summary>
    public static Task<TestBroker> StartAsync(NatsServer server, params string[] arguments) => TestBroker.StartAsync(
        ["--nats", server.Url, "--Nats:ReconnectPause", "00:00:00.050", .. arguments]);

    public static Task<bool> IsReadyAsync(this TestBroker broker) => AdminProbe.IsReadyAsync(broker.Admin.Port);
}
