using Orleans.Mqtt.Storage;
using StackExchange.Redis;

namespace Orleans.Mqtt.Grains.Storage;

/// <summary>Sets and removes fields of one slice, both or neither, and the owner read behind them (fencing without a script).</summary>
internal sealed class HashWrite(
    SliceClaim claim,
    IReadOnlyList<KeyValuePair<ReadOnlyMemory<byte>, ReadOnlyMemory<byte>>> set,
    IReadOnlyList<ReadOnlyMemory<byte>> remove)
    : StoreWrite(SizeOf(claim.Key, set, remove))
{
    private Task? _set;
    private Task? _removed;
    private Task? _executed;
    private Task<RedisValue>? _owner;
    private IDatabase? _database;

    public override void Send(IDatabase database)
    {
        _database = database;
        if (set.Count > 0 && remove.Count > 0)
        {
            var transaction = database.CreateTransaction();
            SendTo(transaction);
            _executed = transaction.ExecuteAsync();
        }
        else
        {
            SendTo(database);
        }

        _owner = database.StringGetAsync(claim.OwnerKey, CommandFlags.DemandMaster); // a replica may lag
    }

    public override async ValueTask Answers()
    {
        // The end of the transaction first: when the connection breaks it fails, and the commands within never end.
        await (_executed ?? Task.CompletedTask);
        await (_set ?? Task.CompletedTask);
        await (_removed ?? Task.CompletedTask);
        if (await _owner! == claim.Owner)
            return;

        // Written where nobody reads. The key may be a new one, made by this very write, and would stay for ever.
        await _database!.KeyDeleteAsync(claim.Key);
    }

    public override void Finish()
    {
        if (_owner!.Result == claim.Owner) // it has come: Answers has waited for it
            base.Finish();
        else
            TrySetException(new StaleOwnerException($"slice {claim.Slice} of '{claim.Name}'", claim.Owner));
    }

    private void SendTo(IDatabaseAsync database)
    {
        if (remove.Count > 0)
            _removed = database.HashDeleteAsync(claim.Key, SessionWrite.ValuesOf(remove));

        if (set.Count is 1)
            _set = database.HashSetAsync(claim.Key, set[0].Key, set[0].Value);
        else if (set.Count > 1)
            _set = database.HashSetAsync(claim.Key, SessionWrite.EntriesOf(set));
    }

    private static int SizeOf(
        byte[] key,
        IReadOnlyList<KeyValuePair<ReadOnlyMemory<byte>, ReadOnlyMemory<byte>>> set,
        IReadOnlyList<ReadOnlyMemory<byte>> remove) =>
        128 + (2 * key.Length) + set.Sum(field => field.Key.Length + field.Value.Length) + remove.Sum(name => name.Length);
}
