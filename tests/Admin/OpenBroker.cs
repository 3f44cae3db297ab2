using Orleans.Mqtt.Tests.Admin;
using Orleans.Mqtt.Tests.Support;
using Xunit;

[assembly: AssemblyFixture(typeof(OpenBroker))]

namespace Orleans.Mqtt.Tests.Admin;

/// <summary>A broker without keys, which serves this machine; shared by the tests, each with names of its own.</summary>
public sealed class OpenBroker : IAsyncLifetime
{
    private TestBroker? _broker;

    public Uri Admin => Broker.Admin;

    public IReadOnlyList<string> Output => Broker.Output;

    private TestBroker Broker => _broker ?? throw new InvalidOperationException("the broker was not started");

    public async ValueTask InitializeAsync() => _broker = await TestBroker.StartAsync(
        "--Access:Deny:0=publish denied/#", "--Access:Deny:1=subscribe denied/#", "--Management:MaximumPayload=1000");

    public Caller Call() => new(Admin);

    public Task<RawClient> ConnectAsync(string? clientId = null, bool clean = true, Will? will = null) =>
        Broker.ConnectAsync(clientId, clean, will);

    public Task<RawClient> OpenAsync() => Broker.OpenAsync();

    /// <summary>A persistent session whose client is away.</summary>
    public async Task<string> LeaveSessionAsync(string clientId, params string[] filters)
    {
        await using var client = await ConnectAsync(clientId, clean: false);
        foreach (var filter in filters)
            await client.SubscribeAsync(filter, 1);
        await client.DisconnectAsync();
        return clientId;
    }

    public ValueTask DisposeAsync() => _broker?.DisposeAsync() ?? ValueTask.CompletedTask;
}
