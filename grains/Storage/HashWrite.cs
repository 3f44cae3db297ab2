using StackExchange.Redis;

namespace Orleans.Mqtt.Grains.Storage;

/// <summary>Sets and removes fields of one hash, both or neither.</summary>
internal sealed class HashWrite(
    byte[] key,
    IReadOnlyList<KeyValuePair<ReadOnlyMemory<byte>, ReadOnlyMemory<byte>>> set,
    IReadOnlyList<ReadOnlyMemory<byte>> remove)
    : StoreWrite(SizeOf(key, set, remove))
{
    private Task? _set;
    private Task? _removed;
    private Task? _executed;

    public override void Send(IDatabase database)
    {
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
    }

    public override async ValueTask Answers()
    {
        // The end of the transaction first: when the connection breaks it fails, and the commands within never end.
        await (_executed ?? Task.CompletedTask);
        await (_set ?? Task.CompletedTask);
        await (_removed ?? Task.CompletedTask);
    }

    private void SendTo(IDatabaseAsync database)
    {
        if (remove.Count > 0)
            _removed = database.HashDeleteAsync(key, SessionWrite.ValuesOf(remove));

        if (set.Count is 1)
            _set = database.HashSetAsync(key, set[0].Key, set[0].Value);
        else if (set.Count > 1)
            _set = database.HashSetAsync(key, SessionWrite.EntriesOf(set));
    }

    private static int SizeOf(
        byte[] key,
        IReadOnlyList<KeyValuePair<ReadOnlyMemory<byte>, ReadOnlyMemory<byte>>> set,
        IReadOnlyList<ReadOnlyMemory<byte>> remove) =>
        64 + key.Length + set.Sum(field => field.Key.Length + field.Value.Length) + remove.Sum(name => name.Length);
}
