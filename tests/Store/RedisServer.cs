using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using StackExchange.Redis;

namespace Orleans.Mqtt.Tests.Store;

/// <summary>A redis-server of one test, with its log on disk.</summary>
internal sealed class RedisServer : IAsyncDisposable
{
    private readonly TestFolder _folder = new();
    private readonly int _port = FreePort();
    private readonly bool _persists;
    private Process _process;

    public RedisServer(bool persists = true)
    {
        _persists = persists;
        _process = Launch();
    }

    public ConfigurationOptions Configuration => new() { EndPoints = { { "127.0.0.1", _port } } };

    public async Task WaitUntilReady()
    {
        while (true)
        {
            using var probe = new TcpClient();
            try
            {
                await probe.ConnectAsync(IPAddress.Loopback, _port, TestContext.Current.CancellationToken);
                await probe.GetStream().WriteAsync("PING\r\n"u8.ToArray(), TestContext.Current.CancellationToken);
                var answer = new byte[16];
                var length = await probe.GetStream().ReadAsync(answer, TestContext.Current.CancellationToken);
                if (answer.AsSpan(0, length).StartsWith("+PONG"u8))
                    return;
            }
            catch (SocketException)
            {
                // not listening yet
            }

            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }

    public async Task Kill()
    {
        _process.Kill(); // SIGKILL
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken);
        _process.Dispose();
    }

    /// <summary>SIGSTOP: its connections stay, and nothing is answered.</summary>
    public void Pause() => _ = Signal(_process.Id, 19);

    public void Continue() => _ = Signal(_process.Id, 18);

    public async Task StartAgain()
    {
        _process = Launch();
        await WaitUntilReady();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync(CancellationToken.None);
        }

        _process.Dispose();
        _folder.Dispose();
    }

    [DllImport("libc", EntryPoint = "kill")]
    private static extern int Signal(int processId, int signal);

    private Process Launch() => Process.Start(new ProcessStartInfo("redis-server")
    {
        ArgumentList =
        {
            "--port", _port.ToString(CultureInfo.InvariantCulture), "--bind", "127.0.0.1", "--dir", _folder.Path,
            "--appendonly", _persists ? "yes" : "no", "--save", "", "--logfile", "redis.log",
        },
        UseShellExecute = false,
    })!;

    private static int FreePort()
    {
        using var probe = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        probe.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)probe.LocalEndPoint!).Port;
    }
}
