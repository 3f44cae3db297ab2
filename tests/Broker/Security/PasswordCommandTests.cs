using System.Globalization;
using Orleans.Mqtt.Tests.Support;
using Xunit;

namespace Orleans.Mqtt.Tests.Broker.Security;

/// <summary>Password files, written by us and by Mosquitto.</summary>
public sealed class PasswordCommandTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public PasswordCommandTests() => TestBroker.MosquittoDiffers("it has a command of its own");

    private string PasswordFile => _folder.File("passwords");

    [Fact]
    public async Task Users_are_added_changed_and_removed_and_other_lines_stay()
    {
        _folder.Write("passwords", "# our users\n");
        await Passwords.SetAsync(PasswordFile, "alice", "one");
        await Passwords.SetAsync(PasswordFile, "bob", "two");
        var first = await File.ReadAllLinesAsync(PasswordFile, TestContext.Current.CancellationToken);

        await Passwords.SetAsync(PasswordFile, "alice", "one");
        await TestBroker.RunToEndAsync("", "passwd", PasswordFile, "bob", "--delete");

        var lines = await File.ReadAllLinesAsync(PasswordFile, TestContext.Current.CancellationToken);
        Assert.Equal(["# our users", "alice", "bob"], first.Select(line => line.Split(':')[0]));
        Assert.Equal(["# our users", "alice"], lines.Select(line => line.Split(':')[0]));
        Assert.StartsWith("alice:$pbkdf2-sha256$1000$", lines[1], StringComparison.Ordinal);
        Assert.NotEqual(first[1], lines[1]); // another salt
    }

    [Fact]
    public async Task A_file_with_SCRAM_has_one_secret_that_stays()
    {
        await Passwords.SetScramAsync(PasswordFile, "alice", "one");
        var first = await File.ReadAllLinesAsync(PasswordFile, TestContext.Current.CancellationToken);
        await Passwords.SetScramAsync(PasswordFile, "bob", "two");
        var then = await File.ReadAllLinesAsync(PasswordFile, TestContext.Current.CancellationToken);

        Assert.StartsWith("alice:SCRAM-SHA-256$4096:", first[0], StringComparison.Ordinal);
        Assert.StartsWith("#decoy:", first[1], StringComparison.Ordinal);
        Assert.Equal(first, then[..2]);
        Assert.Equal(3, then.Length);
    }

    [Fact]
    public async Task A_new_file_is_for_its_owner_only()
    {
        await Passwords.SetAsync(PasswordFile, "alice", "one");

        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(PasswordFile));
    }

    [Theory]
    [InlineData("", "passwd", "FILE", "alice")]
    [InlineData("x\n", "passwd", "FILE", "a:b")]
    [InlineData("x\n", "passwd", "FILE", "alice", "--iterations", "0")]
    [InlineData("x\n", "passwd", "FILE")]
    [InlineData("x\n", "passwd", "FILE", "alice", "--scram", "--iterations", "4095")]
    [InlineData("x\n", "passwd", "FILE", "al\u200Bice", "--scram")]
    [InlineData("x\n", "passwd", "FILE", "alice", "--twice")]
    [InlineData("x\n", "passwd", "FILE", "alice", "--delete")]
    [InlineData("x\n", "passwd", "/nowhere/at/all", "alice")]
    public async Task What_cannot_be_done_is_said_in_a_line_and_changes_nothing(string input, params string[] arguments)
    {
        var ended = await TestBroker.RunToEndAsync(input, [.. arguments.Select(each => each == "FILE" ? PasswordFile : each)]);

        Assert.Equal(1, ended.ExitCode);
        Assert.Single(ended.Output, line => line.StartsWith("Orleans.Mqtt passwd: ", StringComparison.Ordinal));
        Assert.False(File.Exists(PasswordFile));
    }

    [Fact]
    public async Task A_file_that_Mosquitto_wrote_is_understood()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/mosquitto_passwd"), "the package mosquitto is not installed");
        await MosquittoAsync("-c", "-b", PasswordFile, "alice", "secret of alice");
        await MosquittoAsync("-b", PasswordFile, "bob", "pässword: $7$");
        await Passwords.SetAsync(PasswordFile, "carol", "secret of carol"); // ours beside theirs

        await using var broker = await TestBroker.StartAsync("--password-file", PasswordFile);

        await using (await broker.ConnectAsync(GuardedBroker.As("alice")))
        await using (await broker.ConnectAsync(GuardedBroker.As("bob", "pässword: $7$")))
        await using (await broker.ConnectAsync(GuardedBroker.As("carol")))
        {
            // all are in
        }

        await using var client = await broker.OpenAsync();
        await client.ExpectRefusalAsync(GuardedBroker.As("alice", "guess"), 4);
    }

    public void Dispose() => _folder.Dispose();

    private static async Task MosquittoAsync(params string[] arguments)
    {
        await using var process = RunningProcess.Start("mosquitto_passwd", arguments);
        var ended = await process.EndAsync();
        Assert.True(ended.ExitCode == 0, string.Create(CultureInfo.InvariantCulture, $"{ended.ExitCode}: {process.Transcript()}"));
    }
}
