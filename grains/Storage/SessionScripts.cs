namespace Orleans.Mqtt.Grains.Storage;

/// <summary>
/// The rare steps that must be one. Every key is declared, as Redis Cluster asks.
/// </summary>
internal static class SessionScripts
{
    // KEYS  owner, state and queue of the owner so far, state and queue of the new owner, last epoch of what has ended
    // ARGV  the owner so far ('' = none), the new owner, how many records to bring along
    public const string Claim = """
        local owner = redis.call('GET', KEYS[1])
        if (owner or '') ~= ARGV[1] then return false end
        if owner then
            if redis.call('EXISTS', KEYS[2]) == 1 then redis.call('RENAME', KEYS[2], KEYS[4]) end
            if redis.call('EXISTS', KEYS[3]) == 1 then redis.call('RENAME', KEYS[3], KEYS[5]) end
        end
        redis.call('SET', KEYS[1], ARGV[2])
        local first = {}
        if tonumber(ARGV[3]) > 0 then first = redis.call('LRANGE', KEYS[5], 0, ARGV[3] - 1) end
        return { redis.call('HGETALL', KEYS[4]), redis.call('LLEN', KEYS[5]), first, redis.call('GET', KEYS[6]) or '0' }
        """;

    // KEYS  owner, state, queue, last epoch
    // ARGV  the owner who deletes, the last epoch ('0' = none is kept), for how many milliseconds it is kept
    public const string Delete = """
        if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
        redis.call('DEL', KEYS[1])
        redis.call('DEL', KEYS[2])
        redis.call('DEL', KEYS[3])
        if ARGV[2] ~= '0' then redis.call('SET', KEYS[4], ARGV[2], 'PX', ARGV[3]) end
        return 1
        """;

    // KEYS  last epoch; ARGV the epoch that has ended, for how many milliseconds it is kept
    public const string End = """
        local last = redis.call('GET', KEYS[1])
        if not last or tonumber(last) < tonumber(ARGV[1]) then redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2]) end
        return 1
        """;
}
