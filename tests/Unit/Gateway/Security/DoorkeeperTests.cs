using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Orleans.Mqtt.Gateway;
using Orleans.Mqtt.Gateway.Listeners;
using Orleans.Mqtt.Gateway.Security;
using Orleans.Mqtt.Protocol;
using Orleans.Mqtt.Protocol.Packets;
using Orleans.Mqtt.Security;
using Xunit;

namespace Orleans.Mqtt.Tests.Unit.Gateway.Security;

public sealed class DoorkeeperTests : IAsyncDisposable
{
    private static readonly LoginVerdict _welcome = LoginVerdict.Accept(new ClientIdentity("alice", null));

    private readonly TestTransport _transport = new(new Wire()) { RemoteEndPoint = new IPEndPoint(IPAddress.Loopback, 1000) };
    private Credentials? _seen;

    [Theory]
    [InlineData("tcp://127.0.0.1:1", "127.0.0.1", true)]
    [InlineData("tcp://[::1]:1", "::1", true)]
    [InlineData("tcp://0.0.0.0:1", "127.0.0.1", false)]
    [InlineData("tcp://127.0.0.1:1?proxy", "127.0.0.1", false)]
    [InlineData("tcp://127.0.0.1:1", "203.0.113.1", false)]
    public async Task The_authenticator_sees_what_the_client_shows_and_where_it_stands(string listener, string remote, bool isLocal)
    {
        Assert.True(ListenAddress.TryParseAll(listener, out var addresses, out _));
        _transport.Features.Set(new ListenerFeature(addresses[0]));
        _transport.RemoteEndPoint = new IPEndPoint(IPAddress.Parse(remote), 1000);

        var verdict = await CheckAsync((_, _) => ValueTask.FromResult(_welcome));

        Assert.NotNull(verdict.Client);
        Assert.Equal(("alice", "user", isLocal, listener), (_seen!.ClientId, _seen.UserName, _seen.IsLocal, _seen.Listener));
        Assert.Equal("secret"u8, _seen.Password!.Value.Span);
        Assert.DoesNotContain("secret", _seen.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_authenticator_that_throws_lets_nobody_in()
    {
        var verdict = await CheckAsync((_, _) => throw new InvalidOperationException("oops"));

        Assert.Equal((null, ReasonCode.ServerUnavailable), (verdict.Client, verdict.Reason));
    }

    [Fact]
    public async Task A_verdict_that_nobody_made_lets_nobody_in()
    {
        var verdict = await CheckAsync((_, _) => default);

        Assert.Equal((null, ReasonCode.NotAuthorized), (verdict.Client, verdict.Reason));
    }

    [Fact]
    public async Task An_authenticator_that_does_not_answer_is_waited_for_in_vain_only_so_long()
    {
        var verdict = await CheckAsync(async (_, patience) =>
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, patience);
            return _welcome;
        });

        Assert.Equal((null, ReasonCode.ServerBusy), (verdict.Client, verdict.Reason));
    }

    [Fact]
    public async Task Only_so_many_wait()
    {
        var open = new TaskCompletionSource();
        var doorkeeper = NewDoorkeeper(
            async (_, _) =>
            {
                await open.Task;
                return _welcome;
            },
            new SecurityOptions { MaximumWaitingLogins = 2 }, new SteppedTime());
        var first = CheckAsync(doorkeeper).AsTask();
        var second = CheckAsync(doorkeeper).AsTask();

        Assert.Equal(ReasonCode.ServerBusy, (await CheckAsync(doorkeeper)).Reason);

        open.SetResult();
        Assert.NotNull((await first.Soon()).Client);
        Assert.NotNull((await second.Soon()).Client);
        Assert.NotNull((await CheckAsync(doorkeeper)).Client);
    }

    [Fact]
    public async Task The_authenticator_learns_who_has_failed_too_often_and_decides_itself()
    {
        var doorkeeper = NewDoorkeeper(
            (credentials, _) => ValueTask.FromResult(
                credentials.UserName == "user" ? LoginVerdict.Refuse(ReasonCode.BadUserNameOrPassword) : _welcome),
            new SecurityOptions { MaximumFailuresPerMinute = 2 }, new SteppedTime());

        for (var i = 0; i < 3; i++)
        {
            await CheckAsync(doorkeeper);
            Assert.Equal(i == 2, _seen!.HasFailedTooOften);
        }

        Assert.NotNull((await CheckAsync(doorkeeper, "other")).Client);
        Assert.True(_seen!.HasFailedTooOften);
    }

    [Theory, InlineData(ReasonCode.Success), InlineData(ReasonCode.KeepAliveTimeout), InlineData(ReasonCode.NoMatchingSubscribers)]
    public void A_refusal_has_a_reason_that_can_be_told(ReasonCode reason) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => LoginVerdict.Refuse(reason));

    public ValueTask DisposeAsync() => _transport.DisposeAsync();

    private ValueTask<AuthenticationStep> CheckAsync(Func<Credentials, CancellationToken, ValueTask<LoginVerdict>> authenticate) =>
        CheckAsync(NewDoorkeeper(authenticate, new SecurityOptions(), new HastyTime()));

    private ValueTask<AuthenticationStep> CheckAsync(Doorkeeper doorkeeper, string user = "user") => doorkeeper.CheckAsync(
        new ConnectPacket { UserName = user, Password = "secret"u8.ToArray() }, "alice", _transport);

    private Doorkeeper NewDoorkeeper(
        Func<Credentials, CancellationToken, ValueTask<LoginVerdict>> authenticate, SecurityOptions security, TimeProvider time) => new(
        new Scripted(this, authenticate), new AuthenticationMethods([]), new Throttle(Options.Create(security), time), Options.Create(security),
        Options.Create(new GatewayOptions()), new GatewayMetrics(Meters.None), time, NullLogger<Doorkeeper>.Instance);

    private sealed class Scripted(
        DoorkeeperTests test, Func<Credentials, CancellationToken, ValueTask<LoginVerdict>> authenticate) : IAuthenticator
    {
        public ValueTask<LoginVerdict> Authenticate(Credentials credentials, CancellationToken patience)
        {
            test._seen = credentials;
            return authenticate(credentials, patience);
        }
    }
}
