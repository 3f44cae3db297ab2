using System.Globalization;
using System.Text;
using Orleans.Mqtt.Grains.Storage;
using Orleans.Mqtt.Storage;
using static Orleans.Mqtt.Tests.Store.TestStore;

namespace Orleans.Mqtt.Tests.Store;

public sealed class SessionStoreTests(StoreServers servers)
{
    private static readonly byte[] _everyByte = [.. Enumerable.Range(0, 256).Select(value => (byte)value)];

    [Theory, InlineData(StoreKind.Redis), InlineData(StoreKind.Embedded)]
    public async Task A_session_exists_from_its_first_claim_until_it_is_deleted(StoreKind kind)
    {
        await using var store = await Open(servers.Configuration(kind));

        Assert.False(await store.Sessions.Exists("alice"));
        Assert.Null(await store.Sessions.Claim("alice", create: false, 10));
        var claim = await store.Claim("alice");
        Assert.True(claim.IsNew);
        Assert.Equal(0, claim.QueueLength);
        Assert.True(await store.Sessions.Exists("alice"));

        Assert.True(await store.Sessions.Delete(claim));
        Assert.False(await store.Sessions.Exists("alice"));
        Assert.Null(await store.Sessions.Claim("alice", create: false, 10));
    }

    [Theory, InlineData(StoreKind.Redis), InlineData(StoreKind.Embedded)]
    public async Task The_last_epoch_is_remembered_when_a_session_has_ended(StoreKind kind)
    {
        await using var store = await Open(servers.Configuration(kind));
        var claim = await store.Claim("alice");
        Assert.Equal(0, claim.LastEpoch);

        await store.Sessions.Delete(claim, lastEpoch: 1_795_000_000_000_007);
        Assert.Equal(1_795_000_000_000_007, (await store.Claim("alice")).LastEpoch);

        await store.Sessions.NoteEnd("alice", 1_795_000_000_000_006);
        Assert.Equal(1_795_000_000_000_007, (await store.Claim("alice")).LastEpoch);
        await store.Sessions.NoteEnd("alice", 1_795_000_000_000_008);
        Assert.Equal(1_795_000_000_000_008, (await store.Claim("alice")).LastEpoch);
    }

    [Theory, InlineData(StoreKind.Redis), InlineData(StoreKind.Embedded)]
    public async Task A_new_owner_finds_fields_and_queue_of_the_one_before(StoreKind kind)
    {
        await using var store = await Open(servers.Configuration(kind));
        var claim = await store.Claim("alice");
        await store.Sessions.Commit(claim, new SessionChange
        {
            Append = [Bytes("one"), _everyByte, Bytes("")],
            Set = [new(_everyByte, Bytes("")), new(Bytes("b"), _everyByte)],
        });

        var next = await store.Claim("alice", firstRecords: 2);

        Assert.False(next.IsNew);
        Assert.True(next.Owner > claim.Owner);
        Assert.Equal(3, next.QueueLength);
        Assert.Equal([Bytes("one").ToArray(), _everyByte], next.FirstRecords);
        var fields = next.Fields.ToDictionary(field => Convert.ToHexString(field.Key), field => field.Value);
        Assert.Equal([], fields[Convert.ToHexString(_everyByte)]);
        Assert.Equal(_everyByte, fields["62"]);
        Assert.Equal([_everyByte, []], await store.Sessions.ReadQueue(next, 1, 10));
    }

    [Theory, InlineData(StoreKind.Redis), InlineData(StoreKind.Embedded)]
    public async Task Trimming_takes_from_the_head_and_removing_takes_fields(StoreKind kind)
    {
        await using var store = await Open(servers.Configuration(kind));
        var claim = await store.Claim("alice");
        await store.Sessions.Commit(claim, Append("1", "2", "3"));
        await store.Sessions.Commit(claim, new SessionChange { Set = [new(Bytes("x"), Bytes("1")), new(Bytes("y"), Bytes("2"))] });

        await store.Sessions.Commit(claim, new SessionChange { Trim = 2, Append = [Bytes("4")], Remove = [Bytes("x")] });

        Assert.Equal(["3", "4"], Texts(await store.Sessions.ReadQueue(claim, 0, 10)));
        Assert.Equal(2, claim.QueueLength);
        await store.Sessions.Commit(claim, new SessionChange { Trim = 2 });
        Assert.Empty(await store.Sessions.ReadQueue(claim, 0, 10));
        await store.Sessions.Commit(claim, Append("5"));
        var next = await store.Claim("alice", firstRecords: 5);
        Assert.Equal(["5"], Texts(next.FirstRecords));
        Assert.Equal("y", Assert.Single(Texts(next.Fields.Select(field => field.Key))));
    }

    [Theory, InlineData(StoreKind.Redis), InlineData(StoreKind.Embedded)]
    public async Task An_older_owner_is_refused_and_what_it_wrote_is_nowhere(StoreKind kind)
    {
        await using var store = await Open(servers.Configuration(kind));
        var older = await store.Claim("alice");
        await store.Sessions.Commit(older, Append("kept"));
        var newer = await store.Claim("alice");

        await Assert.ThrowsAsync<StaleOwnerException>(() => store.Sessions.Commit(older, new SessionChange
        {
            Append = [Bytes("lost")],
            Set = [new(Bytes("f"), Bytes("lost"))],
        }));

        Assert.True(older.IsBroken);
        await Assert.ThrowsAsync<StoreUnavailableException>(() => store.Sessions.Commit(older, Append("lost")));
        Assert.False(await store.Sessions.Delete(older));
        Assert.Equal(["kept"], Texts(await store.Sessions.ReadQueue(newer, 0, 10)));
        Assert.False(await store.Connection.Database.KeyExistsAsync(older.QueueKey));
        Assert.False(await store.Connection.Database.KeyExistsAsync(older.StateKey));
        await store.Sessions.Commit(newer, Append("more"));
    }

    [Theory, InlineData(StoreKind.Redis), InlineData(StoreKind.Embedded)]
    public async Task A_late_writer_of_a_deleted_session_does_not_reach_the_next_one(StoreKind kind)
    {
        await using var store = await Open(servers.Configuration(kind));
        var former = await store.Claim("alice");
        var deleter = await store.Claim("alice");
        Assert.True(await store.Sessions.Delete(deleter));
        var next = await store.Claim("alice");

        await Assert.ThrowsAsync<StaleOwnerException>(() => store.Sessions.Commit(former, Append("late")));

        Assert.Empty(await store.Sessions.ReadQueue(next, 0, 10));
    }

    [Theory, InlineData(StoreKind.Redis), InlineData(StoreKind.Embedded)]
    public async Task Of_many_claims_at_once_each_gets_an_owner_of_its_own_and_the_last_one_counts(StoreKind kind)
    {
        await using var store = await Open(servers.Configuration(kind));

        var claims = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => store.Claim("alice")));

        var ordered = claims.OrderBy(claim => claim.Owner).ToArray();
        Assert.Distinct(ordered.Select(claim => claim.Owner));
        await store.Sessions.Commit(ordered[^1], Append("yes"));
        foreach (var loser in ordered[..^1])
            await Assert.ThrowsAsync<StaleOwnerException>(() => store.Sessions.Commit(loser, Append("no")));
    }

    [Theory, InlineData(StoreKind.Redis), InlineData(StoreKind.Embedded)]
    public async Task Clients_with_strange_names_do_not_meet(StoreKind kind)
    {
        await using var store = await Open(servers.Configuration(kind));
        string[] names = ["", "%", "%25", "}", "%7D", "{", "{}", "a}b", "a%7Db", "a", "s:1", "ü\u0001", "a:owner"];
        foreach (var name in names)
        {
            var claim = await store.Claim(name);
            Assert.True(claim.IsNew, name);
            await store.Sessions.Commit(claim, Append(name + "!"));
        }

        foreach (var name in names)
            Assert.Equal([name + "!"], Texts((await store.Claim(name, firstRecords: 2)).FirstRecords));
    }

    [Theory, InlineData(StoreKind.Redis), InlineData(StoreKind.Embedded)]
    public async Task Commits_of_one_session_keep_their_order_while_many_sessions_write(StoreKind kind)
    {
        await using var store = await Open(servers.Configuration(kind));

        await Task.WhenAll(Enumerable.Range(0, 20).Select(async client =>
        {
            var claim = await store.Claim($"client{client}");
            var commits = Enumerable.Range(0, 200).Select(number => store.Sessions.Commit(
                claim, Append(number.ToString(CultureInfo.InvariantCulture)))).ToArray();
            await Task.WhenAll(commits);
            var read = Texts(await store.Sessions.ReadQueue(claim, 0, 1_000));
            Assert.Equal(Enumerable.Range(0, 200).Select(number => number.ToString(CultureInfo.InvariantCulture)), read);
        }));
        Assert.Equal(0, store.Writer.PendingBytes);
    }

    [Theory, InlineData(StoreKind.Redis), InlineData(StoreKind.Embedded)]
    public async Task A_long_queue_is_read_page_by_page(StoreKind kind)
    {
        await using var store = await Open(servers.Configuration(kind));
        var claim = await store.Claim("alice");
        for (var page = 0; page < 10; page++)
        {
            var first = page * 1_000;
            await store.Sessions.Commit(claim, Append(
                [.. Enumerable.Range(first, 1_000).Select(number => number.ToString(CultureInfo.InvariantCulture))]));
        }

        var read = new List<string>();
        while (read.Count < claim.QueueLength)
            read.AddRange(Texts(await store.Sessions.ReadQueue(claim, read.Count, 300)));

        Assert.Equal(Enumerable.Range(0, 10_000).Select(number => number.ToString(CultureInfo.InvariantCulture)), read);
        Assert.Empty(await store.Sessions.ReadQueue(claim, 10_000, 300));
    }

    [Theory, InlineData(StoreKind.Redis), InlineData(StoreKind.Embedded)]
    public async Task Records_and_fields_of_one_commit_are_seen_together(StoreKind kind)
    {
        await using var store = await Open(servers.Configuration(kind));
        await using var observer = await Open(servers.Configuration(kind), options: store.Connection.Options);
        var claim = await store.Claim("alice");
        var writing = Task.Run(async () =>
        {
            for (var number = 1; number <= 500; number++)
            {
                await store.Sessions.Commit(claim, new SessionChange
                {
                    Append = [Bytes("x")],
                    Set = [new(Bytes("count"), Bytes(number.ToString(CultureInfo.InvariantCulture)))],
                });
            }
        }, TestContext.Current.CancellationToken);

        while (!writing.IsCompleted)
        {
            // Read in one transaction, the two must agree: whoever sees one of a commit sees all of it.
            var seen = observer.Connection.Database.CreateTransaction();
            var length = seen.ListLengthAsync(claim.QueueKey);
            var count = seen.HashGetAsync(claim.StateKey, "count");
            Assert.True(await seen.ExecuteAsync());
            var counted = (await count).IsNull ? 0 : (long)await count;
            Assert.Equal(await length, counted);
        }

        await writing;
    }

    [Theory, InlineData(StoreKind.Redis), InlineData(StoreKind.Embedded)]
    public async Task Nothing_that_travels_with_a_refused_commit_or_follows_it_is_confirmed(StoreKind kind)
    {
        await using var store = await Open(servers.Configuration(kind));
        var together = 0;
        for (var round = 0; round < 20; round++)
        {
            var claim = await store.Claim($"alice{round}");
            var crowd = await store.Claim($"crowd{round}");
            await store.Connection.Database.StringSetAsync(claim.StateKey, "no hash, so that fields are refused");

            // The crowd keeps the lane busy, so that the three that follow it travel together, unless the machine stops in between.
            var before = Enumerable.Range(0, 50).Select(_ => store.Sessions.Commit(crowd, Append("x"))).ToArray();
            var first = store.Sessions.Commit(claim, Append("with"));
            var refused = store.Sessions.Commit(claim, new SessionChange { Set = [new(Bytes("f"), Bytes("1"))] });
            var last = store.Sessions.Commit(claim, Append("behind"));

            await Assert.ThrowsAsync<StoreUnavailableException>(() => refused);
            await Assert.ThrowsAsync<StoreUnavailableException>(() => last);
            if (await Record.ExceptionAsync(() => first) is StoreUnavailableException)
                together++;
            else
                Assert.Equal("with", await store.Connection.Database.ListGetByIndexAsync(claim.QueueKey, 0)); // it went ahead alone
            await Task.WhenAll(before);
        }

        Assert.NotEqual(0, together);
    }

    [Theory, InlineData(StoreKind.Redis), InlineData(StoreKind.Embedded)]
    public async Task Commits_that_travel_together_do_what_they_would_do_one_by_one(StoreKind kind)
    {
        await using var store = await Open(servers.Configuration(kind));
        var claim = await store.Claim("alice");
        var crowd = await store.Claim("crowd");

        var before = Enumerable.Range(0, 50).Select(_ => store.Sessions.Commit(crowd, Append("x"))).ToArray();
        await Task.WhenAll(
            store.Sessions.Commit(claim, Append("1", "2")),
            store.Sessions.Commit(claim, new SessionChange { Set = [new(Bytes("f"), Bytes("1")), new(Bytes("g"), Bytes("1"))] }),
            store.Sessions.Commit(claim, new SessionChange { Trim = 1, Remove = [Bytes("f")] }),
            store.Sessions.Commit(claim, new SessionChange { Append = [Bytes("3")], Set = [new(Bytes("f"), Bytes("2"))], Trim = 1 }),
            store.Sessions.Commit(claim, new SessionChange { Append = [Bytes("4")], Set = [new(Bytes("g"), Bytes("2"))] }),
            store.Sessions.Commit(claim, new SessionChange { Remove = [Bytes("g")] }));
        await Task.WhenAll(before);

        var next = await store.Claim("alice", firstRecords: 10);
        Assert.Equal(["3", "4"], Texts(next.FirstRecords));
        var field = Assert.Single(next.Fields);
        Assert.Equal(("f", "2"), (Encoding.UTF8.GetString(field.Key), Encoding.UTF8.GetString(field.Value)));
    }
}
