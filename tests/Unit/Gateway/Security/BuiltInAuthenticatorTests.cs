using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Orleans.Mqtt.Gateway.Files;
using Orleans.Mqtt.Gateway.Listeners;
using Orleans.Mqtt.Gateway.Security;
using Orleans.Mqtt.Protocol;
using Orleans.Mqtt.Security;
using Xunit;

namespace Orleans.Mqtt.Tests.Unit.Gateway.Security;

public class BuiltInAuthenticatorTests
{
    [Theory]
    [InlineData(null, false, true, true)] // this machine's programs, where nothing is set
    [InlineData(null, false, false, false)]
    [InlineData(null, true, true, false)]
    [InlineData(true, false, false, true)]
    [InlineData(true, true, false, true)]
    [InlineData(false, false, true, false)]
    [InlineData(false, true, true, false)]
    public async Task Nobody_in_particular_comes_in_only_where_that_is_allowed(
        bool? allowAnonymous, bool hasPasswords, bool isLocal, bool isIn)
    {
        var authenticator = NewAuthenticator(hasPasswords ? "" : null, new SecurityOptions { AllowAnonymous = allowAnonymous });

        var verdict = await LoginAsync(authenticator, new Credentials { ClientId = "c", IsLocal = isLocal });

        Assert.Equal(isIn, verdict.Client is { IsAuthenticated: false, UserName: null });
        Assert.Equal(isIn ? ReasonCode.Success : ReasonCode.NotAuthorized, verdict.Reason);
    }

    [Fact]
    public async Task A_name_that_nobody_checks_is_no_proof()
    {
        var verdict = await LoginAsync(NewAuthenticator(null), Of("admin", "x", isLocal: true));

        Assert.Equal(new ClientIdentity("c", "admin"), verdict.Client);
        Assert.False(verdict.Client!.IsAuthenticated);
    }

    [Fact]
    public async Task A_password_is_checked_and_then_recognised()
    {
        var authenticator = NewAuthenticator("alice");

        Assert.Equal(ReasonCode.BadUserNameOrPassword, (await LoginAsync(authenticator, Of("alice", "guess"))).Reason);
        Assert.Equal(ReasonCode.ConnectionRateExceeded, (await LoginAsync(authenticator, Of("alice", "alice", isThrottled: true))).Reason);
        Assert.True((await LoginAsync(authenticator, Of("alice", "alice"))).Client!.IsAuthenticated);
        Assert.NotNull((await LoginAsync(authenticator, Of("alice", "alice", isThrottled: true))).Client);
        Assert.Null((await LoginAsync(authenticator, Of("bob", "alice"))).Client);
    }

    [Fact]
    public async Task Checks_beyond_so_many_at_once_wait_and_who_has_gone_does_not()
    {
        var authenticator = NewAuthenticator("alice", new SecurityOptions { MaximumHashing = 1 }, iterations: 300_000);
        using var patience = new CancellationTokenSource();

        var first = LoginAsync(authenticator, Of("alice", "alice"));
        var second = LoginAsync(authenticator, Of("alice", "guess"), patience.Token);
        await patience.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second.Soon());
        Assert.NotNull((await first.Soon()).Client);
    }

    private static Task<LoginVerdict> LoginAsync(
        BuiltInAuthenticator authenticator, Credentials credentials, CancellationToken? patience = null) =>
        authenticator.Authenticate(credentials, patience ?? TestContext.Current.CancellationToken).AsTask();

    private static Credentials Of(string user, string password, bool isLocal = false, bool isThrottled = false) => new()
    {
        ClientId = "c", UserName = user, Password = Encoding.UTF8.GetBytes(password), IsLocal = isLocal, HasFailedTooOften = isThrottled,
    };

    /// <summary>With a password file in which this user's password is its name; without one for null.</summary>
    private static BuiltInAuthenticator NewAuthenticator(string? user, SecurityOptions? options = null, int iterations = 10)
    {
        var line = user is { Length: > 0 } ? $"{user}:{PasswordHash.Create(Encoding.UTF8.GetBytes(user), iterations)}" : "";
        var file = user is null ? null : new WatchedFile<PasswordFile>([], _ => PasswordFile.Parse(line), NullLogger.Instance);
        var security = Options.Create(options ?? new SecurityOptions());
        return new BuiltInAuthenticator(security, Options.Create(new TlsOptions()), new HashingQueue(security), file);
    }
}
