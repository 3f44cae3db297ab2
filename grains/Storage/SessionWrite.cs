using Orleans.Mqtt.Storage;
using StackExchange.Redis;

namespace Orleans.Mqtt.Grains.Storage;

/// <summary>One commit of one session: its commands, and the owner read behind them (fencing without a script).</summary>
internal sealed class SessionWrite(SessionClaim claim, SessionChange change)
    : StoreWrite(SizeOf(claim, change))
{
    private const int CommandOverhead = 64;
    private readonly Task?[] _answers = new Task?[5];
    private Task? _executed;
    private Task<RedisValue>? _owner;
    private IDatabase? _database;
    private int _count;
    private bool _isInDoubt;

    public override void Send(IDatabase database)
    {
        // An earlier commit of this claim ended in doubt: a later one would leave a hole in the queue.
        if (claim.IsBroken)
            throw InDoubt();

        _database = database;
        if (NeedsTransaction())
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
        for (var answer = 0; answer < _count; answer++)
            await _answers[answer]!;

        // Answers come in order: what has broken the claim by now was before us, and we would confirm what is behind a hole.
        _isInDoubt = claim.IsBroken;
        if (await _owner! == claim.Owner)
            return;

        // Written where nobody reads. The keys may be new ones, made by this very write, and would stay for ever.
        claim.Break();
        await _database!.KeyDeleteAsync([claim.StateKey, claim.QueueKey]);
    }

    public override void Finish()
    {
        if (_owner!.Result != claim.Owner) // it has come: Answers has waited for it
            TrySetException(new StaleOwnerException($"session of '{claim.ClientId}'", claim.Owner));
        else if (_isInDoubt)
            Fail(InDoubt());
        else
            base.Finish();
    }

    public override void Fail(StoreUnavailableException failure)
    {
        claim.Break();
        base.Fail(failure);
    }

    private StoreUnavailableException InDoubt() =>
        new($"An earlier write to the session of '{claim.ClientId}' is in doubt.");

    private bool NeedsTransaction() =>
        (change.Append.Count > 0 && (change.Set.Count > 0 || change.Remove.Count > 0 || change.Trim > 0))
        || (change.Trim > 0 && (change.Set.Count > 0 || change.Remove.Count > 0))
        || (change.Set.Count > 0 && change.Remove.Count > 0);

    private void SendTo(IDatabaseAsync database)
    {
        if (change.Append.Count is 1)
            Expect(database.ListRightPushAsync(claim.QueueKey, change.Append[0]));
        else if (change.Append.Count > 1)
            Expect(database.ListRightPushAsync(claim.QueueKey, ValuesOf(change.Append)));

        if (change.Trim > 0)
            Expect(database.ListTrimAsync(claim.QueueKey, change.Trim, -1));

        if (change.Set.Count is 1)
            Expect(database.HashSetAsync(claim.StateKey, change.Set[0].Key, change.Set[0].Value));
        else if (change.Set.Count > 1)
            Expect(database.HashSetAsync(claim.StateKey, EntriesOf(change.Set)));

        if (change.Remove.Count > 0)
            Expect(database.HashDeleteAsync(claim.StateKey, ValuesOf(change.Remove)));

        _owner = database.StringGetAsync(claim.OwnerKey, CommandFlags.DemandMaster); // a replica may lag
    }

    private void Expect(Task answer) => _answers[_count++] = answer;

    internal static RedisValue[] ValuesOf(IReadOnlyList<ReadOnlyMemory<byte>> memory)
    {
        var values = new RedisValue[memory.Count];
        for (var index = 0; index < values.Length; index++)
            values[index] = memory[index];

        return values;
    }

    internal static HashEntry[] EntriesOf(
        IReadOnlyList<KeyValuePair<ReadOnlyMemory<byte>, ReadOnlyMemory<byte>>> fields)
    {
        var entries = new HashEntry[fields.Count];
        for (var index = 0; index < entries.Length; index++)
            entries[index] = new HashEntry(fields[index].Key, fields[index].Value);

        return entries;
    }

    private static int SizeOf(SessionClaim claim, in SessionChange change)
    {
        var size = CommandOverhead + (2 * claim.QueueKey.Length);
        foreach (var record in change.Append)
            size += record.Length;

        foreach (var (name, value) in change.Set)
            size += name.Length + value.Length;

        foreach (var name in change.Remove)
            size += name.Length;

        return size;
    }
}
