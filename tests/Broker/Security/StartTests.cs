using Orleans.Mqtt.Tests.Support;
using Xunit;

namespace Orleans.Mqtt.Tests.Broker.Security;

/// <summary>What a broker refuses to start with, in one line that names the setting.</summary>
public sealed class StartTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly int _port = FreePorts.Take();

    public StartTests() => TestBroker.MosquittoDiffers("it is set up in another way");

    [Theory, InlineData("tcp://0.0.0.0:{0}"), InlineData("tcp://*:{0}"), InlineData("ws://[::]:{0}/mqtt"), InlineData("tcp://127.0.0.1:{0}?proxy")]
    public async Task A_listener_that_strangers_reach_needs_a_way_to_tell_who_they_are(string listen)
    {
        var line = await TestBroker.ExpectNoStartAsync("--listen", string.Format(null, listen, _port));

        Assert.Contains("--allow-anonymous true", line, StringComparison.Ordinal);
        Assert.Contains(string.Format(null, listen, _port), line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_listener_for_strangers_is_enough()
    {
        var line = await TestBroker.ExpectNoStartAsync(
            "--listen", $"tcp://127.0.0.1:{_port},tcp://0.0.0.0:{FreePorts.Take()}", "--allow-anonymous", "false");

        Assert.Contains("tcp://0.0.0.0:", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_starts_when_that_is_wanted_and_lets_everybody_in()
    {
        await using var broker = await TestBroker.StartAsync(
            "--listen", $"tcp://0.0.0.0:{_port}", "--allow-anonymous", "true");
        await using var client = await RawClient.OpenAsync(_port);

        await client.ConnectAsync(new ConnectOptions { UserName = "anyone", Password = [1] });
    }

    [Fact]
    public async Task With_a_password_file_it_starts_and_strangers_need_a_password()
    {
        await Passwords.SetAsync(_folder.File("passwords"), "alice", "secret of alice");
        await using var broker = await TestBroker.StartAsync(
            "--listen", $"tcp://0.0.0.0:{_port}", "--password-file", _folder.File("passwords"));

        await using var client = await RawClient.OpenAsync(_port);
        await client.ConnectAsync(GuardedBroker.As("alice"));
        await using var stranger = await RawClient.OpenAsync(_port);
        await stranger.ExpectRefusalAsync(new ConnectOptions(), 5);
    }

    [Fact]
    public async Task Both_may_be_wanted_then_a_name_must_be_proven_but_none_is_needed()
    {
        await Passwords.SetAsync(_folder.File("passwords"), "alice", "secret of alice");
        await using var broker = await TestBroker.StartAsync(
            "--listen", $"tcp://0.0.0.0:{_port}", "--password-file", _folder.File("passwords"), "--allow-anonymous", "true");

        await using var stranger = await RawClient.OpenAsync(_port);
        await stranger.ConnectAsync(new ConnectOptions());
        await using var impostor = await RawClient.OpenAsync(_port);
        await impostor.ExpectRefusalAsync(GuardedBroker.As("alice", "guess"), 4);
    }

    [Fact]
    public async Task A_name_that_was_not_proven_has_no_rights()
    {
        await using var broker = await TestBroker.StartAsync(
            "--Access:Rules:0=allow alice all #", "--Access:Rules:1=allow * all users/%u/#", "--Access:Rules:2=allow * all open");
        await using var client = await broker.ConnectAsync(GuardedBroker.As("alice"));

        var answers = await client.AskAsync(("a", 0), ("users/alice/x", 0), ("open", 0));

        Assert.Equal([0x80, 0x80, 0], answers);
    }

    [Theory]
    [InlineData("--password-file", "/nowhere/passwords", "Security:PasswordFile /nowhere/passwords")]
    [InlineData("--Access:RulesFile", "/nowhere/rules", "Access:RulesFile /nowhere/rules")]
    [InlineData("--Access:Rules:0", "allow all #", "'allow all #' is not")]
    [InlineData("--Access:Deny:0", "allow #", "'allow #' is not")]
    [InlineData("--allow-anonymous", "perhaps", "--allow-anonymous")]
    [InlineData("--listen", "tls://127.0.0.1:8883", "Gateway:Tls:CertificateFile")]
    [InlineData("--listen", "quic://127.0.0.1:8883", "quic://127.0.0.1:8883: not an address")]
    [InlineData("--Gateway:Tls:CertificateFile", "/nowhere/server.pem", "/nowhere/server.pem")]
    [InlineData("--Gateway:Tls:ClientCertificates", "Required", "ClientCaFile")]
    [InlineData("--Security:Provider", "/nowhere/own.dll", "Security:Provider /nowhere/own.dll")]
    [InlineData("--EmbeddedStore:LogLimitBytes", "5", "EmbeddedStore:LogLimitBytes must be between")]
    [InlineData("--Streams:Filters:0", "a/#/b", "Streams:Filters: 'a/#/b'")]
    [InlineData("--Streams:Filters:0", "$share/g/a", "Streams:Filters: '$share/g/a'")]
    public async Task A_wrong_setting_is_named(string setting, string value, string part) =>
        Assert.Contains(part, await TestBroker.ExpectNoStartAsync(setting, value), StringComparison.Ordinal);

    [Fact]
    public async Task A_password_file_in_the_clear_is_refused_and_not_quoted()
    {
        _folder.Write("passwords", "# users\nalice:letmein\n");

        var line = await TestBroker.ExpectNoStartAsync("--password-file", _folder.File("passwords"));

        Assert.Contains("line 2", line, StringComparison.Ordinal);
        Assert.DoesNotContain("letmein", line, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();
}
