using Orleans.Mqtt.Tests.Support;
using Xunit;

namespace Orleans.Mqtt.Tests.Broker.Security;

/// <summary>Files that change while the broker runs.</summary>
public sealed class ReloadTests : IAsyncLifetime
{
    private readonly TempFolder _folder = new();
    private readonly TestAuthority _authority = new();
    private readonly int _tlsPort = FreePorts.Take();
    private readonly int _port = FreePorts.Take();
    private TestBroker? _broker;

    private string PasswordFile => _folder.File("passwords");

    public async ValueTask InitializeAsync()
    {
        TestBroker.MosquittoDiffers("it is set up in another way");
        await Passwords.SetAsync(PasswordFile, "alice", "secret of alice");
        await Passwords.SetAsync(PasswordFile, "bob", "secret of bob");
        _folder.Write("rules", "# a comment\n\nallow * all a/#\n");
        WriteCertificate();
        _broker = await TestBroker.StartAsync(
            "--listen", $"tcp://127.0.0.1:{_port}, tls://127.0.0.1:{_tlsPort}",
            "--password-file", PasswordFile, "--Access:RulesFile", _folder.File("rules"),
            "--Gateway:Tls:CertificateFile", _folder.File("server.pem"), "--Gateway:Tls:KeyFile", _folder.File("server.key"));
    }

    [Fact]
    public async Task A_user_who_is_added_comes_in_and_those_whose_password_changes_go()
    {
        await using var alice = await ConnectAsync(GuardedBroker.As("alice"));
        await using var bob = await ConnectAsync(GuardedBroker.As("bob"));
        await Passwords.SetAsync(PasswordFile, "carol", "secret of carol");
        await Passwords.SetAsync(PasswordFile, "bob", "new");

        await bob.ExpectClosedAsync();
        await using var carol = await ConnectAsync(GuardedBroker.As("carol"));
        await using var newBob = await ConnectAsync(GuardedBroker.As("bob", "new"));
        await using var oldBob = await RawClient.OpenAsync(_port);
        await oldBob.ExpectRefusalAsync(GuardedBroker.As("bob"), 4);
        await alice.ExpectNothingAsync();
    }

    [Fact]
    public async Task A_user_who_is_removed_goes()
    {
        await using var bob = await ConnectAsync(ConnectOptions.Version5 with
        {
            UserName = "bob", Password = GuardedBroker.As("bob").Password,
        });

        var ended = await TestBroker.RunToEndAsync("", "passwd", PasswordFile, "bob", "--delete");

        Assert.Equal(0, ended.ExitCode);
        await bob.ExpectGoodbyeAsync(0x87);
        await using var again = await RawClient.OpenAsync(_port);
        await again.ExpectRefusalAsync(GuardedBroker.As("bob"), 4);
    }

    [Fact]
    public async Task New_rules_bind_those_who_are_in()
    {
        await using var alice = await ConnectAsync(GuardedBroker.As("alice"));
        await alice.SubscribeAsync("a/#");
        await alice.PublishAsync("a/1", "allowed");
        await alice.ExpectTextAsync("allowed");
        Assert.Equal(0x80, Assert.Single(await alice.AskAsync(("b", 0))));

        _folder.Write("rules", "allow * subscribe #\nallow * publish b\n");
        await Broker.SaysAsync("rules has changed and is in force");

        await alice.SubscribeAsync("b");
        await alice.PublishAsync("a/1", "denied");
        await alice.PublishAsync("b", "fence");
        await alice.ExpectTextAsync("fence");
    }

    [Fact]
    public async Task What_cannot_be_read_leaves_the_old_in_force_and_quotes_nothing()
    {
        _folder.Write("passwords", "alice:secret in the clear\n");
        _folder.Write("rules", "allow everything\n");

        await Broker.SaysAsync("passwords has changed but cannot be used");
        await Broker.SaysAsync("rules has changed but cannot be used");

        await using var alice = await ConnectAsync(GuardedBroker.As("alice"));
        await alice.SubscribeAsync("a/#");
        Assert.DoesNotContain(Broker.Output, line => line.Contains("in the clear", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_new_certificate_is_shown_to_those_who_come_and_nobody_is_disconnected()
    {
        await using var alice = await Tls.ConnectAsync(_tlsPort, _authority, GuardedBroker.As("alice"));
        var before = await ShownAsync();

        WriteCertificate();
        await Broker.SaysAsync("server.pem has changed and is in force");

        Assert.NotEqual(before, await ShownAsync());
        await alice.ExpectNothingAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_broker is not null)
            await _broker.DisposeAsync();
        _authority.Dispose();
        _folder.Dispose();
    }

    private TestBroker Broker => _broker ?? throw new InvalidOperationException("the broker was not started");

    private async Task<RawClient> ConnectAsync(ConnectOptions options)
    {
        var client = await RawClient.OpenAsync(_port);
        await client.ConnectAsync(options);
        return client;
    }

    private void WriteCertificate()
    {
        var server = _authority.IssueServer();
        _folder.Write("server.key", TestAuthority.KeyOf(server));
        _folder.Write("server.pem", _authority.ChainOf(server));
    }

    private async Task<string> ShownAsync()
    {
        await using var stream = await Tls.OpenAsync(_tlsPort, _authority);
        return stream.RemoteCertificate!.GetSerialNumberString();
    }
}
