using CsCheck;
using Microsoft.Extensions.Logging.Abstractions;
using Orleans.Mqtt.Gateway.Connections;
using Orleans.Mqtt.Gateway.Link;
using Orleans.Mqtt.Protocol;
using Orleans.Mqtt.Routing;
using Orleans.Mqtt.Sessions;
using Xunit;

namespace Orleans.Mqtt.Tests.Unit.Gateway.Link;

public class RouteAnnouncerTests
{
    private static readonly string[] _filters = ["a", "a/+", "b/#"];

    [Fact]
    public async Task Whoever_comes_and_goes_the_routes_end_as_the_subscribers_want_them_and_a_waiter_never_waits_in_vain()
    {
        await Gen.Select(Gen.Int[0, 2], Gen.Int[0, 5]).Array[1, 60].SampleAsync(async steps =>
        {
            var silo = new SlowRoutes();
            var announcer = silo.NewAnnouncer();
            var present = new List<LocalSubscription>();
            var told = new Dictionary<LocalSubscription, Task>();
            foreach (var (filter, verb) in steps)
            {
                if (verb < 3)
                {
                    var subscription = silo.Subscription(_filters[filter], verb == 0);
                    present.Add(subscription);
                    told.Add(subscription, announcer.AddAsync([subscription]));
                }
                else if (verb < 5 && present.Count > 0)
                {
                    var leaving = present[(filter + verb) % present.Count];
                    present.Remove(leaving);
                    told[leaving] = announcer.RemoveAsync([leaving]);
                }
                else
                {
                    silo.AnswerOne();
                }

                foreach (var subscription in present.Where(one => told[one].IsCompleted))
                    Assert.Equal(Wanted([subscription]).Single().Value, silo.InForceFor(subscription));
            }

            silo.AnswerAll();
            await Task.WhenAll(told.Values).Soon();
            Assert.Equal(Wanted(present), silo.InForce());
        }, iter: 100);
    }

    [Fact]
    public async Task The_first_subscriber_of_a_filter_adds_the_route_and_the_last_removes_it()
    {
        var silo = new SlowRoutes();
        silo.AnswerAll();
        var announcer = silo.NewAnnouncer();
        LocalSubscription[] two = [silo.Subscription("a", false), silo.Subscription("a", false)];
        await announcer.AddAsync([two[0]]);
        await announcer.AddAsync([two[1]]);
        await announcer.RemoveAsync([two[0]]);
        Assert.Equal(1, silo.Calls);

        await announcer.RemoveAsync([two[1]]);
        Assert.Equal(2, silo.Calls);
        Assert.Empty(silo.InForce());
    }

    [Fact]
    public async Task Who_subscribes_to_what_another_is_just_announcing_waits_for_it()
    {
        var silo = new SlowRoutes();
        var announcer = silo.NewAnnouncer();
        var first = announcer.AddAsync([silo.Subscription("a", false)]);
        var second = announcer.AddAsync([silo.Subscription("a", false)]);
        Assert.False(first.IsCompleted);
        Assert.False(second.IsCompleted);

        silo.AnswerAll();

        await first.Soon();
        await second.Soon();
    }

    [Fact]
    public async Task Who_comes_and_goes_while_the_route_is_on_its_way_out_holds_up_nobody()
    {
        var silo = new SlowRoutes();
        var announcer = silo.NewAnnouncer();
        LocalSubscription[] first = [silo.Subscription("a", false)];
        LocalSubscription[] second = [silo.Subscription("a", false)];
        var added = announcer.AddAsync(first);
        silo.AnswerOne();
        await added.Soon();
        Task[] told = [announcer.RemoveAsync(first), announcer.AddAsync(second), announcer.RemoveAsync(second)];

        silo.AnswerAll();
        await Task.WhenAll(told).Soon();
        await announcer.AddAsync([silo.Subscription("b", false)]).Soon();
        Assert.Equal(["b"], silo.InForce().Keys);
    }

    [Fact]
    public async Task Who_leaves_late_from_an_earlier_life_takes_no_route_of_this_one_away()
    {
        var silo = new SlowRoutes();
        silo.AnswerAll();
        var announcer = silo.NewAnnouncer();
        LocalSubscription[] earlier = [silo.Subscription("a", false)];
        LocalSubscription[] later = [silo.Subscription("a", false)];
        await announcer.AddAsync(earlier).Soon();
        announcer.Forget();
        await announcer.AddAsync(later).Soon();

        await announcer.RemoveAsync(earlier).Soon();
        Assert.Equal(["a"], silo.InForce().Keys);

        await announcer.RemoveAsync(later).Soon();
        Assert.Empty(silo.InForce());
    }

    [Theory]
    [InlineData(typeof(TimeoutException))]
    [InlineData(typeof(TaskCanceledException))]
    public async Task A_call_that_fails_in_whatever_way_is_repeated(Type failure)
    {
        var silo = new SlowRoutes { Failures = new([(Exception)Activator.CreateInstance(failure)!]) };
        silo.AnswerAll();

        await silo.NewAnnouncer().AddAsync([silo.Subscription("a", false)]).Soon();

        Assert.Single(silo.InForce());
    }

    [Fact]
    public async Task Of_what_is_shared_the_cluster_hears_how_many_share_it()
    {
        var identity = new GatewayIdentity();
        var told = new List<RouteChange>();
        var announcer = new RouteAnnouncer(
            FakeGrains.Of(_ => FakeGrain.Of<IRouteGrain>((nameof(IRouteGrain.Change), args =>
            {
                told.AddRange((RouteChange[])args[0]!);
                return Task.CompletedTask;
            }))),
            identity, new HastyTime(), NullLogger<RouteAnnouncer>.Instance);
        var silo = new SlowRoutes();
        LocalSubscription[] two = [silo.Subscription("$share/g/a/+", false), silo.Subscription("$share/g/a/+", true)];

        await announcer.AddAsync([two[0]]).Soon();
        await announcer.AddAsync([two[1]]).Soon();
        await announcer.AddAsync([silo.Subscription("a/+", false)]).Soon();
        await announcer.RemoveAsync([two[0]]).Soon();
        await announcer.RemoveAsync([two[1]]).Soon();

        var members = told.FindAll(route => route.IsShareMembers);
        Assert.Equal([1, 2, 1, 0], members.Select(route => route.Members));
        Assert.Equal(RouteOptions.None, members[^1].Options);
        Assert.All(members, route => Assert.Equal(
            ("a/+", "$share/g/a/+", identity.Id, identity.HandleOf("$share/g/a/+")),
            (route.Filter, route.SharedFilter, route.GatewayId, route.Handle)));
        Assert.Equal(5, told.Count);
    }

    private static Dictionary<string, RouteOptions> Wanted(List<LocalSubscription> present) => present
        .GroupBy(subscription => subscription.Filter)
        .ToDictionary(
            filter => filter.Key,
            filter => filter.All(subscription => subscription.WantsQoS0Only)
                ? RouteOptions.LiveQoS0
                : RouteOptions.LiveQoS0 | RouteOptions.LiveAcknowledged);

    /// <summary>Route grains that answer when the test says so.</summary>
    private sealed class SlowRoutes
    {
        private readonly Lock _gate = new();
        private readonly Dictionary<string, RouteOptions> _inForce = [];
        private readonly Queue<TaskCompletionSource> _calls = new();
        private readonly TestGateway _gateway = new();
        private bool _answersAll;
        private long _lastNumber;

        public int Calls { get; private set; }

        public Queue<Exception> Failures { get; init; } = new();

        public RouteAnnouncer NewAnnouncer() => new(
            FakeGrains.Of(_ => FakeGrain.Of<IRouteGrain>((nameof(IRouteGrain.Change), args => ChangeAsync((RouteChange[])args[0]!)))),
            new GatewayIdentity(), new HastyTime(), NullLogger<RouteAnnouncer>.Instance);

        public LocalSubscription Subscription(string filter, bool isPersistent)
        {
            var transport = new TestTransport(new Wire());
            var connection = new MqttConnection(
                _gateway.Parts, TestGateway.Admit(isPersistent: isPersistent), transport);
            return LocalSubscription.Of(connection, new Subscription { Filter = filter, QoS = QoS.AtLeastOnce });
        }

        public Dictionary<string, RouteOptions> InForce()
        {
            lock (_gate)
                return _inForce.Where(route => route.Value is not RouteOptions.None).ToDictionary();
        }

        public RouteOptions InForceFor(LocalSubscription subscription) =>
            InForce().GetValueOrDefault(subscription.Filter) & Wanted([subscription]).Single().Value;

        public void AnswerOne()
        {
            lock (_gate)
            {
                if (_calls.TryDequeue(out var call))
                    call.SetResult();
            }
        }

        public void AnswerAll()
        {
            lock (_gate)
            {
                _answersAll = true;
                while (_calls.TryDequeue(out var call))
                    call.SetResult();
            }
        }

        private async Task ChangeAsync(RouteChange[] changes)
        {
            var answer = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            lock (_gate)
            {
                Calls++;
                var number = changes.Select(change => change.Number).Distinct().Single();
                Assert.True(number >= _lastNumber && number > 0); // only a repetition has the same
                _lastNumber = number;
                if (Failures.TryDequeue(out var failure))
                    throw failure;
                if (_answersAll)
                    answer.SetResult();
                else
                    _calls.Enqueue(answer);
            }

            await answer.Task;
            lock (_gate)
            {
                foreach (var change in changes)
                    _inForce[change.Filter] = change.Options;
            }
        }
    }
}
