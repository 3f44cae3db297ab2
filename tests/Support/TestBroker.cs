using Xunit;

namespace Orleans.Mqtt.Tests.Support;

/// <summary>A broker in a process of its own, on free ports, with a folder that goes when the test ends.</summary>
public sealed partial class TestBroker : IAsyncDisposable
{
    private readonly IPeer _peer = PeerIsMosquitto ? new MosquittoPeer() : new OrleansPeer();
    private readonly BrokerPlace _place;
    private readonly string[] _arguments;
    private readonly List<string> _earlierOutput = [];
    private RunningProcess? _process;

    private TestBroker(string[] arguments)
    {
        _arguments = arguments;
        _place = new BrokerPlace(FreePorts.Take(), FreePorts.Take(), Directory.CreateTempSubdirectory("mqtt-test-").FullName);
    }

    /// <summary>The tests are themselves tested against another broker, when the environment asks for it.</summary>
    public static bool PeerIsMosquitto { get; } =
        Environment.GetEnvironmentVariable("ORLEANS_MQTT_TEST_PEER") == "mosquitto";

    public int Port => _place.Port;

    public Uri Admin => new($"http://127.0.0.1:{_place.AdminPort}");

    public bool IsAlive => _process is { HasExited: false };

    /// <summary>Everything that all its processes wrote so far.</summary>
    public IReadOnlyList<string> Output => [.. _earlierOutput, .. _process?.Output ?? []];

    public static async Task<TestBroker> StartAsync(params string[] arguments)
    {
        var broker = new TestBroker(arguments);
        try
        {
            await broker.RunAsync();
            return broker;
        }
        catch
        {
            await broker.DisposeAsync();
            throw;
        }
    }

    /// <summary>Leaves out what only our broker promises, or what another broker is known to do otherwise.</summary>
    public static void MosquittoDiffers(string why) => Assert.SkipWhen(PeerIsMosquitto, why);

    /// <summary>A bare connection.</summary>
    public Task<RawClient> OpenAsync() => RawClient.OpenAsync(Port);

    public Task<RawClient> ConnectAsync(string? clientId = null, bool clean = true, Will? will = null) => ConnectAsync(
        new ConnectOptions { ClientId = clientId ?? Unique.ClientId(), CleanSession = clean, Will = will });

    /// <summary>A client of MQTT 5; without properties its session ends with its connection.</summary>
    public Task<RawClient> Connect5Async(
        Props? properties = null, string? clientId = null, bool clean = true, Will? will = null) =>
        ConnectAsync(ConnectOptions.Version5 with
        {
            ClientId = clientId ?? Unique.ClientId(), CleanSession = clean, Will = will, Properties = properties ?? new Props(),
        });

    public async Task<RawClient> ConnectAsync(ConnectOptions options)
    {
        var client = await OpenAsync();
        try
        {
            await client.ConnectAsync(options);
            return client;
        }
        catch
        {
            await client.DisposeAsync();
            throw;
        }
    }

    /// <summary>SIGKILL: nothing is put in order.</summary>
    public Task<Ended> KillAsync() => StopAsync(process => process.KillAsync());

    /// <summary>SIGTERM, and how it ended.</summary>
    public Task<Ended> TerminateAsync() => StopAsync(process => process.TerminateAsync());

    /// <summary>The same ports, the same folder; ends the process first if it still runs.</summary>
    public async Task RestartAsync()
    {
        if (_process is not null)
            await TerminateAsync();
        await RunAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
            await KillAsync();
        Directory.Delete(_place.Folder, recursive: true);
    }

    private async Task<Ended> StopAsync(Func<RunningProcess, Task<Ended>> how)
    {
        var process = _process ?? throw new InvalidOperationException("the broker does not run");
        var ended = await how(process);
        _earlierOutput.AddRange(process.Output);
        await process.DisposeAsync();
        _process = null;
        return ended;
    }

    private async Task RunAsync()
    {
        _process = RunningProcess.Start(_peer.Command(_place, _arguments));
        await _process.ReadyAsync(() => _peer.IsReadyAsync(_place));
    }
}
