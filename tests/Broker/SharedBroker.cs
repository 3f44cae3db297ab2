using Orleans.Mqtt.Tests.Broker;
using Orleans.Mqtt.Tests.Support;
using Xunit;

[assembly: AssemblyFixture(typeof(SharedBroker))]

namespace Orleans.Mqtt.Tests.Broker;

/// <summary>The one broker that all ordinary tests talk to at once; each keeps to names of its own.</summary>
public sealed class SharedBroker : IAsyncLifetime
{
    private TestBroker? _broker;

    public int Port => Broker.Port;

    public Uri Admin => Broker.Admin;

    private TestBroker Broker => _broker ?? throw new InvalidOperationException("the broker was not started");

    public async ValueTask InitializeAsync() => _broker = await TestBroker.StartAsync();

    public Task<RawClient> OpenAsync() => Broker.OpenAsync();

    public Task<RawClient> ConnectAsync(string? clientId = null, bool clean = true, Will? will = null) =>
        Broker.ConnectAsync(clientId, clean, will);

    public Task<RawClient> ConnectAsync(ConnectOptions options) => Broker.ConnectAsync(options);

    /// <summary>A client of MQTT 5; without properties its session ends with its connection.</summary>
    public Task<RawClient> Connect5Async(
        Props? properties = null, string? clientId = null, bool clean = true, Will? will = null) =>
        Broker.Connect5Async(properties, clientId, clean, will);

    /// <summary>
    /// Ends three seconds later, or as many as one and a half times the keep alive are: the broker itself says when, by
    /// hanging up on a client that was silent for so long.
    /// </summary>
    public async Task OutwaitAsync(int keepAlive = 2)
    {
        await using var silent = await Broker.ConnectAsync(new ConnectOptions { KeepAlive = keepAlive });
        await silent.ExpectClosedAsync();
    }

    /// <summary>A client of MQTT 5 that is in, these bytes, a DISCONNECT with this reason, and the end.</summary>
    public async Task ExpectGoodbyeUponAsync(int reason, params byte[][] packets)
    {
        await using var client = await Connect5Async();
        await client.SendAsync(packets);
        await client.ExpectGoodbyeAsync(reason);
    }

    /// <summary>A new connection, these bytes on it, and then nothing but its end.</summary>
    public async Task ExpectClosedUponAsync(params byte[][] packets)
    {
        await using var client = await OpenAsync();
        await client.SendAsync(packets);
        await client.ExpectClosedAsync();
    }

    /// <summary>A client that is in, these bytes, and then nothing but the end.</summary>
    public async Task ExpectClosedInSessionUponAsync(params byte[][] packets)
    {
        await using var client = await ConnectAsync();
        await client.SendAsync(packets);
        await client.ExpectClosedAsync();
    }

    public ValueTask DisposeAsync() => _broker?.DisposeAsync() ?? ValueTask.CompletedTask;
}
