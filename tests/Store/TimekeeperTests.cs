using System.Collections.Concurrent;
using System.Reflection;
using Microsoft.Extensions.Logging.Abstractions;
using Orleans.Mqtt.Grains.Delayed;
using Orleans.Mqtt.Grains.Storage;
using Orleans.Mqtt.Grains.Timers;
using Orleans.Mqtt.Sessions;
using static Orleans.Mqtt.Tests.Store.TestStore;

namespace Orleans.Mqtt.Tests.Store;

/// <summary>A timer is heard at least once: nobody takes it away but the grain that it was for.</summary>
public sealed class TimekeeperTests(StoreServers servers)
{
    private static readonly DateTimeOffset _past = new(2020, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly ConcurrentQueue<string> _calls = new();

    [Theory, InlineData(StoreKind.Redis), InlineData(StoreKind.Embedded)]
    public async Task A_timer_that_a_grain_could_not_act_upon_rings_again(StoreKind kind)
    {
        await using var store = await Open(servers.Configuration(kind));
        await store.Due.Set(3, Bytes("alice"), _past);
        await store.Due.Set(4, Bytes(DueStore.DelayedMessages), _past);
        await store.Due.Set(5, Bytes("bob"), TimeProvider.System.GetUtcNow().AddHours(1));
        var timekeeper = NewTimekeeper(store, answer: Task.FromException(new TimeoutException()));

        for (var tick = 0; tick < 3; tick++)
            await timekeeper.TickAsync();

        string[] expected = ["DoWhatIsDue alice", "PublishDue 4"];
        Assert.Equal(Enumerable.Repeat(expected, 3).SelectMany(call => call).Order(), _calls.Order());
        Assert.Single(await store.Due.ReadDue(3, _past, 9));
    }

    [Theory, InlineData(StoreKind.Redis), InlineData(StoreKind.Embedded)]
    public async Task A_grain_that_does_not_answer_is_not_called_twice_at_once_and_holds_up_nobody(StoreKind kind)
    {
        await using var store = await Open(servers.Configuration(kind));
        await store.Due.Set(3, Bytes("hangs"), _past);
        var answer = new TaskCompletionSource();
        var timekeeper = NewTimekeeper(store, answer.Task);

        await timekeeper.TickAsync();
        await store.Due.Set(3, Bytes("new"), _past);
        await timekeeper.TickAsync();
        await timekeeper.TickAsync();

        Assert.Equal(["DoWhatIsDue hangs", "DoWhatIsDue new"], _calls);
        answer.SetResult();
    }

    private Timekeeper NewTimekeeper(TestStore store, Task answer)
    {
        var grains = Fake.Of<IGrainFactory>((method, args) => method.GetGenericArguments()[0] == typeof(IDelayedGrain)
            ? Woken<IDelayedGrain>(args[0], answer)
            : Woken<ISessionHostGrain>(args[0], answer));
        return new Timekeeper(store.Due, grains, TimeProvider.System, NullLogger<Timekeeper>.Instance);
    }

    private TGrain Woken<TGrain>(object? key, Task answer)
        where TGrain : class => Fake.Of<TGrain>((method, _) =>
    {
        _calls.Enqueue($"{method.Name} {key}");
        return answer;
    });
}

/// <summary>An interface that a test answers for.</summary>
public class Fake : DispatchProxy
{
    private Func<MethodInfo, object?[], object?> _answer = (_, _) => null;

    public static TInterface Of<TInterface>(Func<MethodInfo, object?[], object?> answer)
        where TInterface : class
    {
        var fake = Create<TInterface, Fake>();
        ((Fake)(object)fake)._answer = answer;
        return fake;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => _answer(targetMethod!, args ?? []);
}
