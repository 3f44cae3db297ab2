using System.Net.WebSockets;
using System.Text;
using Orleans.Mqtt.Tests.Support;
using Xunit;

namespace Orleans.Mqtt.Tests.Broker.Security;

/// <summary>The tests that share one guarded broker.</summary>
[CollectionDefinition(nameof(GuardedBroker))]
public sealed class GuardedBrokerShared : ICollectionFixture<GuardedBroker>;

/// <summary>A broker with passwords, rules, and a listener of every kind.</summary>
public sealed class GuardedBroker : IAsyncLifetime
{
    private readonly TempFolder _folder = new();
    private readonly TestAuthority _authority = new();
    private TestBroker? _broker;

    public int Port { get; } = FreePorts.Take();

    public int TlsPort { get; } = FreePorts.Take();

    public int WebSocketPort { get; } = FreePorts.Take();

    public int SecureWebSocketPort { get; } = FreePorts.Take();

    public int ProxyPort { get; } = FreePorts.Take();

    public TestAuthority Authority => _authority;

    public TestBroker Broker => _broker ?? throw new InvalidOperationException("the broker was not started");

    public async ValueTask InitializeAsync()
    {
        if (TestBroker.PeerIsMosquitto)
            return; // each test that needs this broker says that it is left out

        var passwords = _folder.File("passwords");
        await Passwords.SetAsync(passwords, "alice", "secret of alice");
        await Passwords.SetAsync(passwords, "bob", "secret of bob");
        await Passwords.SetAsync(passwords, "carol", "secret of carol");
        await Passwords.SetScramAsync(passwords, "dave", "secret of dave");
        await Passwords.SetScramAsync(passwords, "erin, or=so", "secret of erin");
        var server = _authority.IssueServer();
        _folder.Write("server.pem", _authority.ChainOf(server));
        _folder.Write("server.key", TestAuthority.KeyOf(server));
        _broker = await TestBroker.StartAsync(
            "--listen", $"tcp://127.0.0.1:{Port}, tls://127.0.0.1:{TlsPort}, ws://127.0.0.1:{WebSocketPort}/mqtt, "
                + $"wss://127.0.0.1:{SecureWebSocketPort}, tcp://127.0.0.1:{ProxyPort}?proxy",
            "--password-file", passwords,
            "--Gateway:Tls:CertificateFile", _folder.File("server.pem"), "--Gateway:Tls:KeyFile", _folder.File("server.key"),
            "--Security:MaximumFailuresPerMinute", "1000000", // many tests fail to log in from one address
            "--Gateway:AllowedOrigins:0=https://good.example",
            "--Access:Deny:0=all nobody/#",
            "--Access:Rules:0=deny bob all open/secret/#",
            "--Access:Rules:1=allow * all open/#",
            "--Access:Rules:2=allow @authenticated all users/%u/#",
            "--Access:Rules:3=allow * all clients/%c/#",
            "--Access:Rules:4=allow alice subscribe #");
    }

    public static ConnectOptions As(string user, string? password = null) => new()
    {
        UserName = user, Password = Encoding.UTF8.GetBytes(password ?? $"secret of {user}"),
    };

    public Task<RawClient> OpenAsync() => RawClient.OpenAsync(Port);

    public Task<RawClient> ConnectAsync(string user) => ConnectAsync(As(user));

    public async Task<RawClient> ConnectAsync(ConnectOptions options)
    {
        var client = await OpenAsync();
        await client.ConnectAsync(options);
        return client;
    }

    /// <summary>A WebSocket of .NET's, as a stream of bytes.</summary>
    public async Task<RawClient> OpenWebSocketAsync(bool isSecure = false)
    {
        using var connecting = new CancellationTokenSource(RawClient.Patience);
        var socket = new ClientWebSocket();
        socket.Options.AddSubProtocol("mqtt");
        socket.Options.RemoteCertificateValidationCallback = (_, certificate, chain, _) => Tls.IsTrusted(certificate!, chain!, Authority);
        var address = isSecure ? $"wss://localhost:{SecureWebSocketPort}/mqtt" : $"ws://127.0.0.1:{WebSocketPort}/mqtt";
        await socket.ConnectAsync(new Uri(address), connecting.Token);
        return RawClient.Over(WebSocketStream.Create(socket, WebSocketMessageType.Binary, RawClient.Patience));
    }

    public async ValueTask DisposeAsync()
    {
        if (_broker is not null)
            await _broker.DisposeAsync();
        _authority.Dispose();
        _folder.Dispose();
    }
}
