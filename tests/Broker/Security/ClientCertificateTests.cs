using System.Security.Cryptography.X509Certificates;
using Orleans.Mqtt.Tests.Support;
using Xunit;

namespace Orleans.Mqtt.Tests.Broker.Security;

/// <summary>Clients that prove with a certificate who they are.</summary>
public sealed class ClientCertificateTests : IAsyncLifetime
{
    private readonly TempFolder _folder = new();
    private readonly TestAuthority _servers = new("servers");
    private readonly TestAuthority _clients = new("clients");
    private readonly int _port = FreePorts.Take();
    private TestBroker? _broker;

    public ValueTask InitializeAsync()
    {
        TestBroker.MosquittoDiffers("it is set up in another way");
        var server = _servers.IssueServer();
        _folder.Write("server.pem", _servers.ChainOf(server) + TestAuthority.KeyOf(server));
        _folder.Write("clients.pem", _clients.Root.ExportCertificatePem());
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task The_common_name_is_the_user_name_and_no_password_is_asked_for()
    {
        await StartAsync("Required", "CommonName", "--Access:Rules:0=allow * all users/%u");
        await using var client = await ConnectAsync(_clients.IssueClient("CN=sensor 7, O=Example"));

        var answers = await client.AskAsync(("users/sensor 7", 0), ("users/other", 0));

        Assert.Equal([0, 0x80], answers);
    }

    [Fact]
    public async Task The_subject_is_the_user_name_where_that_is_set()
    {
        await StartAsync("Required", "Subject", "--Access:Rules:0=allow \"CN=sensor, O=Example\" all a");
        await using var client = await ConnectAsync(_clients.IssueClient("CN=sensor, O=Example"));
        await using var other = await ConnectAsync(_clients.IssueClient("CN=sensor, O=Elsewhere"));

        int[] answers = [.. await client.AskAsync(("a", 0)), .. await other.AskAsync(("a", 0))];

        Assert.Equal([0, 0x80], answers);
    }

    [Fact]
    public async Task Where_a_certificate_is_required_nobody_comes_in_without_a_good_one()
    {
        await StartAsync("Required", "CommonName");
        using var strangers = new TestAuthority("clients"); // the same name, another key

        await ExpectOutAsync(null);
        await ExpectOutAsync(strangers.IssueClient("CN=sensor"), strangers);
        await ExpectOutAsync(_clients.IssueClient("CN=sensor", life: TimeSpan.FromHours(-1)));
        await ExpectOutAsync(_servers.IssueServer(), _servers);
        await using var client = await ConnectAsync(_clients.IssueClient("CN=sensor"));
    }

    [Fact]
    public async Task A_certificate_that_names_nobody_is_refused()
    {
        await StartAsync("Required", "CommonName");

        await using var client = RawClient.Over(await OpenAsync(_clients.IssueClient("O=Example"), _clients));

        await client.ExpectRefusalAsync(new ConnectOptions(), 5);
    }

    [Fact]
    public async Task Where_it_is_optional_others_prove_themselves_with_a_password()
    {
        await Passwords.SetAsync(_folder.File("passwords"), "alice", "secret of alice");
        await StartAsync("Optional", "CommonName", "--password-file", _folder.File("passwords"));

        await using (await ConnectAsync(_clients.IssueClient("CN=sensor")))
        await using (await Tls.ConnectAsync(_port, _servers, GuardedBroker.As("alice")))
        {
            // both are in
        }

        await using var nobody = RawClient.Over(await Tls.OpenAsync(_port, _servers));
        await nobody.ExpectRefusalAsync(new ConnectOptions(), 5);
        using var strangers = new TestAuthority("strangers");
        await ExpectOutAsync(strangers.IssueClient("CN=sensor"), strangers);
    }

    public async ValueTask DisposeAsync()
    {
        if (_broker is not null)
            await _broker.DisposeAsync();
        _folder.Dispose();
        _servers.Dispose();
        _clients.Dispose();
    }

    private async Task StartAsync(string certificates, string userName, params string[] more) => _broker = await TestBroker.StartAsync(
    [
        "--listen", $"tls://0.0.0.0:{_port}", // beyond the loopback: certificates are as good as passwords
        "--Gateway:Tls:CertificateFile", _folder.File("server.pem"), "--Gateway:Tls:ClientCaFile", _folder.File("clients.pem"),
        "--Gateway:Tls:ClientCertificates", certificates, "--Gateway:Tls:UserName", userName, .. more,
    ]);

    private async Task<RawClient> ConnectAsync(X509Certificate2 certificate)
    {
        var client = RawClient.Over(await OpenAsync(certificate, _clients));
        await client.ConnectAsync(new ConnectOptions { UserName = "whatever it says" });
        return client;
    }

    private Task<System.Net.Security.SslStream> OpenAsync(X509Certificate2? certificate, TestAuthority? issuer) =>
        Tls.OpenAsync(_port, _servers, certificate, issuer: issuer);

    private async Task ExpectOutAsync(X509Certificate2? certificate, TestAuthority? issuer = null)
    {
        // In TLS 1.3 a client learns only after its handshake that its certificate was not liked.
        await Assert.ThrowsAnyAsync<Exception>(async () =>
        {
            await using var client = RawClient.Over(await OpenAsync(certificate, issuer ?? _clients));
            await client.ConnectAsync(new ConnectOptions());
        });
    }
}
