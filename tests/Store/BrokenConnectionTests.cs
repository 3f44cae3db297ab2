using System.Globalization;
using System.Reflection;
using Orleans.Mqtt.Grains.Storage;
using Orleans.Mqtt.Storage;
using Orleans.Mqtt.Tests.Support;
using StackExchange.Redis;
using static Orleans.Mqtt.Tests.Store.TestStore;

namespace Orleans.Mqtt.Tests.Store;

/// <summary>
/// P1 and P2: a connection to the store may break at any moment. What is stored of a session afterwards is a beginning of
/// what was committed, never a later commit without an earlier one: repetitions are known by their records.
/// </summary>
public sealed class BrokenConnectionTests(StoreServers servers)
{
    [Fact]
    public async Task A_commit_is_not_stored_without_the_one_before_it_when_the_connection_breaks_between_them()
    {
        await using var store = await Open(servers.Configuration(StoreKind.Redis));
        var claim = await store.Claim("alice");
        var crowd = await store.Claim("crowd");
        var database = DispatchProxy.Create<IDatabase, BreakingDatabase>();
        var breaking = (BreakingDatabase)database;
        breaking.Inner = store.Connection.Database;
        await using var lane = new StoreLane(database, store.Connection.Options);

        // The first pipeline is under way until the next two have gathered behind it.
        var under = lane.Write(new SessionWrite(crowd, Append("x")));
        await breaking.FirstSent;
        var first = lane.Write(new SessionWrite(claim, Append("1")));
        var second = lane.Write(new SessionWrite(claim, Append("2")));
        breaking.LetFirstEnd();
        await under;

        await Assert.ThrowsAsync<StoreUnavailableException>(() => first);
        await Assert.ThrowsAsync<StoreUnavailableException>(() => second);
        Assert.Empty((await store.Claim("alice", firstRecords: 10)).FirstRecords);
    }

    [Fact]
    public async Task However_often_connections_break_there_is_no_hole_in_what_is_stored()
    {
        const int Breaks = 60;
        await using var redis = new RedisProcess();
        await redis.StartAsync();
        await using var store = await Open(ConfigurationOptions.Parse(redis.Address));
        using var enough = new CancellationTokenSource();
        var confirmed = new int[8];
        var sessions = Enumerable.Range(0, confirmed.Length)
            .Select(number => CommitUntil(store, $"client{number}", count => confirmed[number] = count, enough.Token)).ToArray();
        await using (var killer = await ConnectionMultiplexer.ConnectAsync($"{redis.Address},allowAdmin=true"))
        {
            for (var count = 0; count < Breaks; count++)
            {
                await killer.GetDatabase().ExecuteAsync("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");
                await Eventually.ThatAsync(() => store.Connection.IsUp || sessions.All(session => session.IsCompleted));
            }
        }

        // Breaks may follow each other faster than any commit is confirmed: each is to have one that was read again.
        var atLastBreak = confirmed.ToArray();
        await Eventually.ThatAsync(() => Array.Exists(sessions, session => session.IsCompleted)
            || Enumerable.Range(0, confirmed.Length).All(number => Volatile.Read(ref confirmed[number]) > atLastBreak[number]));
        await enough.CancelAsync();
        await Task.WhenAll(sessions);
    }

    /// <summary>Commits numbers, several at a time, and looks after each break at what is there. Tells how many are confirmed.</summary>
    private static async Task CommitUntil(TestStore store, string clientId, Action<int> tell, CancellationToken enough)
    {
        var (next, confirmed) = (0, 0);
        while (!enough.IsCancellationRequested)
        {
            try
            {
                var claim = await store.Claim(clientId, firstRecords: 1_000_000);
                var numbers = Texts(claim.FirstRecords).Select(text => int.Parse(text, CultureInfo.InvariantCulture)).ToArray();
                Assert.Equal(Enumerable.Range(numbers.FirstOrDefault(), numbers.Length), numbers);
                next = numbers.Length > 0 ? numbers[^1] + 1 : confirmed;
                Assert.True(next >= confirmed);
                confirmed = next;
                await store.Sessions.Commit(claim, new SessionChange { Trim = numbers.Length });
                while (!enough.IsCancellationRequested)
                {
                    var commits = Enumerable.Range(next, 20)
                        .Select(number => store.Sessions.Commit(claim, Append(number.ToString(CultureInfo.InvariantCulture))))
                        .ToArray();
                    next += commits.Length;
                    foreach (var commit in commits)
                    {
                        await commit;
                        tell(++confirmed);
                    }
                }
            }
            catch (StoreUnavailableException)
            {
                await Task.Yield(); // claimed again when the store is back
            }
        }
    }
}

/// <summary>Of the commands that append it holds the first one's answer back and does not send the second; the rest passes.</summary>
public class BreakingDatabase : DispatchProxy
{
    private readonly TaskCompletionSource _sent = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _mayEnd = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _appends;

    public IDatabase Inner { get; set; } = null!;

    public Task FirstSent => _sent.Task;

    public void LetFirstEnd() => _mayEnd.SetResult();

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        var append = targetMethod!.Name is nameof(IDatabase.ListRightPushAsync) ? ++_appends : 0;
        if (append is 2)
            return Task.FromException<long>(new IOException("It broke."));

        var answer = targetMethod.Invoke(Inner, args);
        return append is 1 ? HoldAsync((Task<long>)answer!) : answer;
    }

    private async Task<long> HoldAsync(Task<long> answer)
    {
        _sent.SetResult();
        await _mayEnd.Task;
        return await answer;
    }
}
