using System.Net.Sockets;
using Orleans.Mqtt.Tests.Support;

namespace Orleans.Mqtt.Tests.Nats.Support;

/// <summary>A nats-server of one test: a free port, and a folder that goes when the test ends.</summary>
internal sealed class NatsServer : IAsyncDisposable
{
    private const string DefaultProgram = "/usr/sbin/nats-server";

    private readonly string _configuration;
    private readonly int _home = FreePorts.Take();
    private RunningProcess? _process;

    private NatsServer(string configuration)
    {
        _configuration = configuration;
        Port = _home;
    }

    public const string JetStream = "jetstream { store_dir: \"FOLDER/jetstream\" }";

    public int Port { get; private set; }

    public string Url => $"nats://127.0.0.1:{Port}";

    public string Folder { get; } = Directory.CreateTempSubdirectory("mqtt-nats-").FullName;

    /// <param name="configuration">More lines of the configuration; FOLDER stands for the folder.</param>
    public static async Task<NatsServer> StartAsync(string configuration = "")
    {
        var server = Prepare(configuration);
        await server.RunAsync();
        return server;
    }

    /// <summary>A server that does not run yet.</summary>
    public static NatsServer Prepare(string configuration = "") => new(configuration);

    /// <param name="elsewhere">On another port, so that those who look for it do not find it.</param>
    public async Task RunAsync(bool elsewhere = false)
    {
        Port = elsewhere ? FreePorts.Take() : _home;
        var file = Path.Combine(Folder, "nats.conf");
        await File.WriteAllTextAsync(file, $"listen: \"127.0.0.1:{Port}\"\n{_configuration.Replace("FOLDER", Folder, StringComparison.Ordinal)}\n");
        _process = RunningProcess.Start(File.Exists(DefaultProgram) ? DefaultProgram : "nats-server", "-c", file);
        await _process.ReadyAsync(IsListeningAsync);
    }

    /// <summary>SIGKILL.</summary>
    public async Task KillAsync()
    {
        if (_process is not null)
            await _process.DisposeAsync();
        _process = null;
    }

    /// <summary>It hangs: its sockets stay open and nobody reads from them.</summary>
    public void Freeze() => _process!.Pause();

    public void Thaw() => _process!.Resume();

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        Directory.Delete(Folder, recursive: true);
    }

    private async Task<bool> IsListeningAsync()
    {
        using var probe = new TcpClient();
        try
        {
            await probe.ConnectAsync("127.0.0.1", Port);
            return await probe.GetStream().ReadAsync(new byte[1]) == 1; // INFO
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
