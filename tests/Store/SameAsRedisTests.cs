using System.Globalization;
using Orleans.Mqtt.Silo;
using StackExchange.Redis;

namespace Orleans.Mqtt.Tests.Store;

/// <summary>The embedded store answers every command as Redis does, also after it was closed and opened again.</summary>
public sealed class SameAsRedisTests(StoreServers servers)
{
    private static readonly string[] _keys = ["{t}1", "{t}2", "{t}3", "{t}4"];

    private static readonly string[] _scripts =
    [
        "return redis.call('INCR', KEYS[1])",
        "return { redis.call('TYPE', KEYS[1]), redis.call('EXISTS', KEYS[1]), 'x', 2.7, false, { 1, { ARGV[1] } } }",
        "local r = redis.pcall('LPUSH', KEYS[1], ARGV[1]) if type(r) == 'table' and r.err then return 'refused' end return r",
        "redis.call('SET', KEYS[1], ARGV[1]) return redis.call('HGET', KEYS[1], 'f')",
        "local fields = redis.call('HGETALL', KEYS[1]) table.sort(fields) return fields",
        "return tonumber(redis.call('EXISTS', KEYS[1])) + #ARGV",
        "return redis.status_reply('fine')",
        "return redis.error_reply('MY problem')",
    ];

    [Theory, InlineData(1), InlineData(2), InlineData(3), InlineData(4), InlineData(5)]
    public async Task Random_commands_get_the_same_answers(int seed)
    {
        using var folder = new TestFolder();
        var random = new Random(seed);
        var configuration = servers.Configuration(StoreKind.Redis);
        configuration.Protocol = RedisProtocol.Resp2; // as the embedded store speaks it
        await using var redis = await ConnectionMultiplexer.ConnectAsync(configuration);
        await redis.GetDatabase().KeyDeleteAsync([.. _keys.Select(key => (RedisKey)$"{key}-{seed}")]);
        var limits = new EmbeddedStoreOptions { LogLimitBytes = 1_048_576, UpkeepInterval = TimeSpan.FromMilliseconds(100) };
        for (var life = 0; life < 3; life++)
        {
            await using var embedded = EmbeddedStore.Start(folder.Path, limits);
            await using var own = await ConnectionMultiplexer.ConnectAsync(embedded.Configuration);
            for (var step = 0; step < 3_000; step++)
            {
                var command = Next(random, seed);
                var expected = await Run(redis.GetDatabase(), command);
                Assert.Equal($"{string.Join(' ', command)} -> {expected}", $"{string.Join(' ', command)} -> {await Run(own.GetDatabase(), command)}");
            }
        }
    }

    [Theory, InlineData(StoreKind.Redis), InlineData(StoreKind.Embedded)]
    public async Task A_transaction_whose_condition_was_touched_meanwhile_does_nothing(StoreKind kind)
    {
        await using var client = await ConnectionMultiplexer.ConnectAsync(servers.Configuration(kind));
        var database = client.GetDatabase();
        var key = Guid.NewGuid().ToString();
        await database.StringSetAsync(key, "1");
        var transaction = database.CreateTransaction();
        transaction.AddCondition(Condition.StringEqual(key, "2"));
        var never = transaction.HashSetAsync(key + "-other", "f", "3");

        Assert.False(await transaction.ExecuteAsync());

        await Assert.ThrowsAsync<TaskCanceledException>(() => never);
        Assert.False(await database.KeyExistsAsync(key + "-other"));
    }

    [Theory, InlineData(StoreKind.Redis), InlineData(StoreKind.Embedded)]
    public async Task A_key_is_gone_when_its_time_is_up(StoreKind kind)
    {
        await using var client = await ConnectionMultiplexer.ConnectAsync(servers.Configuration(kind));
        var database = client.GetDatabase();
        var key = Guid.NewGuid().ToString();
        await database.HashSetAsync(key, "f", "1");
        Assert.Null(await database.KeyTimeToLiveAsync(key));
        await database.KeyExpireAsync(key, TimeSpan.FromSeconds(30));
        Assert.InRange((await database.KeyTimeToLiveAsync(key))!.Value.TotalSeconds, 20, 30);

        await database.KeyExpireAsync(key, TimeSpan.FromMilliseconds(1));
        while (await database.KeyExistsAsync(key))
            await Task.Yield();

        await database.HashSetAsync(key, "g", "2");
        Assert.Equal("g", Assert.Single(await database.HashGetAllAsync(key)).Name);
    }

    [Fact]
    public async Task Members_of_one_score_are_found_by_their_bytes()
    {
        var configuration = servers.Configuration(StoreKind.Redis);
        configuration.Protocol = RedisProtocol.Resp2;
        await using var redis = await ConnectionMultiplexer.ConnectAsync(configuration);
        await using var own = await ConnectionMultiplexer.ConnectAsync(servers.Configuration(StoreKind.Embedded));
        var key = Guid.NewGuid().ToString();
        string[] members = ["", "a", "aa", "ab", "b", "\uE000", "\U00010000", "z"];
        foreach (var database in new[] { redis.GetDatabase(), own.GetDatabase() })
            await database.SortedSetAddAsync(key, [.. members.Select(member => new SortedSetEntry(member, 0))]);

        string[] bounds = ["-", "+", "[", "(", "[a", "(a", "(aa", "[ac", "[b\uFFFF", "(\U00010000", "(z", "[zz", "x"];
        string[][] ends = [[], ["LIMIT", "0", "2"], ["LIMIT", "1", "-1"], ["WITHSCORES"]];
        foreach (var lowest in bounds)
        {
            foreach (var highest in bounds)
            {
                foreach (var end in ends)
                {
                    string[] command = ["ZRANGEBYLEX", key, lowest, highest, .. end];
                    var expected = await Run(redis.GetDatabase(), command);
                    Assert.Equal($"{string.Join(' ', command)} -> {expected}", $"{string.Join(' ', command)} -> {await Run(own.GetDatabase(), command)}");
                }
            }
        }
    }

    private static string[] Next(Random random, int seed)
    {
        string Key() => $"{_keys[random.Next(_keys.Length)]}-{seed}";
        string Value() => random.Next(8) is 0 ? new string('v', random.Next(2_000)) : random.Next(20).ToString(CultureInfo.InvariantCulture);
        string Index() => random.Next(-6, 7).ToString(CultureInfo.InvariantCulture);
        return random.Next(34) switch
        {
            0 => ["GET", Key()],
            1 => ["SET", Key(), Value()],
            2 => ["INCR", Key()],
            3 => ["DEL", Key(), Key()],
            4 => ["EXISTS", Key(), Key()],
            5 => ["RENAME", Key(), Key()],
            6 => ["TYPE", Key()],
            7 => ["HSET", Key(), Value(), Value(), Value(), Value()],
            8 => ["HGET", Key(), Value()],
            9 => ["HDEL", Key(), Value(), Value()],
            10 => ["HEXISTS", Key(), Value()],
            11 => ["HLEN", Key()],
            12 => ["HMGET", Key(), Value(), Value()],
            13 or 14 => ["RPUSH", Key(), Value(), Value(), Value()],
            15 => ["LPUSH", Key(), Value(), Value()],
            16 => ["LPOP", Key()],
            17 => ["RPOP", Key(), random.Next(1, 4).ToString(CultureInfo.InvariantCulture)],
            18 => ["LRANGE", Key(), Index(), Index()],
            19 => ["LTRIM", Key(), Index(), Index()],
            20 => ["LINDEX", Key(), Index()],
            21 => ["LSET", Key(), Index(), Value()],
            22 => ["SADD", Key(), Value(), Value()],
            23 => ["SREM", Key(), Value(), Value()],
            24 => ["SISMEMBER", Key(), Value()],
            25 => ["ZADD", Key(), Index(), Value(), Index(), Value()],
            26 => ["ZREM", Key(), Value(), Value()],
            27 => ["ZRANGE", Key(), Index(), Index(), "WITHSCORES"],
            28 => ["ZRANGEBYSCORE", Key(), random.Next(2) is 0 ? "-inf" : "(" + Index(), Index(), "LIMIT", "1", "2"],
            29 => ["ZSCORE", Key(), Value()],
            30 => ["HSETNX", Key(), Value(), Value()],
            31 => ["SET", Key(), Value(), random.Next(2) is 0 ? "NX" : "XX"],
            32 => ["INCRBY", Key(), Index()],
            _ => ["EVAL", _scripts[random.Next(_scripts.Length)], "1", Key(), Value()],
        };
    }

    private static async Task<string> Run(IDatabase database, string[] command)
    {
        try
        {
            return Text(await database.ExecuteAsync(command[0], [.. command.Skip(1).Cast<object>()]));
        }
        catch (RedisServerException refused)
        {
            return "error " + refused.Message.Split(' ')[0];
        }
    }

    private static string Text(RedisResult result) => result.IsNull ? "nil"
        : result.Length >= 0 ? "[" + string.Join(", ", ((RedisResult[])result!).Select(Text)) + "]"
        : $"{result.Resp2Type}:{result}";
}
