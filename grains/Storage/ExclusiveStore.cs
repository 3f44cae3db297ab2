using System.Text;
using Orleans.Mqtt.Routing;

namespace Orleans.Mqtt.Grains.Storage;

/// <summary>Who holds what only one client may hold. The store itself is the judge: no two claims can both be the first.</summary>
internal sealed class ExclusiveStore(StoreConnection connection)
{
    private const string Name = "exclusive";

    // KEYS  the slice; ARGV  filter, client. Only what is the client's own goes.
    private const string ReleaseScript = """
        if redis.call('HGET', KEYS[1], ARGV[1]) ~= ARGV[2] then return 0 end
        return redis.call('HDEL', KEYS[1], ARGV[1])
        """;

    /// <summary>True when the client holds the filter now, be it since long.</summary>
    public async Task<bool> Claim(string filter, string clientId)
    {
        var (slice, field) = PlaceOf(filter);
        return await connection.Ask(database =>
                database.HashSetAsync(slice, field, clientId, StackExchange.Redis.When.NotExists))
            || await connection.Ask(database => database.HashGetAsync(slice, field)) == clientId;
    }

    /// <summary>Who holds the filter; null when nobody does.</summary>
    public async Task<string?> Holder(string filter)
    {
        var (slice, field) = PlaceOf(filter);
        return await connection.Ask(database => database.HashGetAsync(slice, field));
    }

    /// <summary>False when it was not the client's.</summary>
    public async Task<bool> Release(string filter, string clientId)
    {
        var (slice, field) = PlaceOf(filter);
        return (long)await connection.Ask(database =>
            database.ScriptEvaluateAsync(ReleaseScript, [slice], [field, clientId])) is 1;
    }

    private (byte[] Slice, byte[] Field) PlaceOf(string filter) =>
        (connection.Keys.Slice(Name, RouteSlices.Of(filter)), Encoding.UTF8.GetBytes(filter));
}
