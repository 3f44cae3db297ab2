namespace Orleans.Mqtt.Grains.Storage;

/// <summary>Takes a slice over: its hash is named after its owner, so that a late writer writes where nobody reads.</summary>
internal static class SliceScripts
{
    // KEYS  owner, hash of the owner so far, hash of the new owner
    // ARGV  the owner so far ('' = none), the new owner, the field that holds the version
    public const string Claim = """
        local owner = redis.call('GET', KEYS[1])
        if (owner or '') ~= ARGV[1] then return false end
        if redis.call('EXISTS', KEYS[2]) == 1 then redis.call('RENAME', KEYS[2], KEYS[3]) end
        redis.call('SET', KEYS[1], ARGV[2])
        return redis.call('HGET', KEYS[3], ARGV[3]) or ''
        """;
}
