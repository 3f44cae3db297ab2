using Orleans.Mqtt.Storage;
using StackExchange.Redis;

namespace Orleans.Mqtt.Grains.Storage;

/// <summary>
/// One commit of one session: its commands, and the owner read behind them (fencing without a script). Those of one claim
/// that travel in one pipeline are sent as one, by the first of them: where a connection breaks and is made anew between
/// two that are sent by themselves, the later one is stored and leaves a hole.
/// </summary>
internal sealed class SessionWrite(SessionClaim claim, SessionChange change)
    : StoreWrite(SizeOf(claim, change))
{
    private const int CommandOverhead = 64;
    private readonly SessionChange _change = change;
    private SessionWrite? _first;
    private List<SessionWrite>? _behind;
    private List<Task>? _answers;
    private Task? _executed;
    private Task<RedisValue>? _owner;
    private IDatabase? _database;
    private bool _isStale;
    private bool _isInDoubt;

    public override void Join()
    {
        _first = claim.FirstOfPipeline ??= this;
        if (_first != this)
            (_first._behind ??= []).Add(this);
    }

    public override void Send(IDatabase database)
    {
        // An earlier commit of this claim ended in doubt: a later one would leave a hole in the queue.
        claim.FirstOfPipeline = null;
        if (claim.IsBroken)
            throw InDoubt();

        if (_first != this)
            return;

        _database = database;
        _answers = new List<Task>(2);
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
        if (_first == this)
            await OwnAnswers();

        // Answers come in order: what has broken the claim by now was before us, and we would confirm what is behind a hole.
        _isInDoubt = claim.IsBroken;
    }

    public override void Finish()
    {
        if (_first!._isStale)
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

    private async ValueTask OwnAnswers()
    {
        // The end of the transaction first: when the connection breaks it fails, and the commands within never end.
        await (_executed ?? Task.CompletedTask);
        foreach (var answer in _answers!)
            await answer;

        _isStale = await _owner! != claim.Owner;
        if (!_isStale)
            return;

        // Written where nobody reads. The keys may be new ones, made by this very write, and would stay for ever.
        claim.Break();
        await _database!.KeyDeleteAsync([claim.StateKey, claim.QueueKey]);
    }

    private StoreUnavailableException InDoubt() =>
        new($"An earlier write to the session of '{claim.ClientId}' is in doubt.");

    // Records of several commits are one command; anything beside them makes a second one.
    private bool NeedsTransaction()
    {
        var commands = CommandsOf(_change);
        foreach (var write in _behind ?? [])
            commands += CommandsOf(write._change);

        return commands > 1 && !(OnlyAppends(this) && (_behind?.TrueForAll(OnlyAppends) ?? true));
    }

    private static bool OnlyAppends(SessionWrite write) => write._change is { Append.Count: > 0 } change && CommandsOf(change) is 1;

    private static int CommandsOf(in SessionChange change) =>
        Math.Sign(change.Append.Count) + Math.Sign(change.Trim) + Math.Sign(change.Set.Count) + Math.Sign(change.Remove.Count);

    private void SendTo(IDatabaseAsync database)
    {
        var trim = _change.Trim;
        var records = _change.Append;
        if (_behind is not null)
        {
            trim += _behind.Sum(write => write._change.Trim);
            records = [.. records, .. _behind.SelectMany(write => write._change.Append)];
        }

        if (records.Count is 1)
            Expect(database.ListRightPushAsync(claim.QueueKey, records[0]));
        else if (records.Count > 1)
            Expect(database.ListRightPushAsync(claim.QueueKey, ValuesOf(records)));

        if (trim > 0)
            Expect(database.ListTrimAsync(claim.QueueKey, trim, -1));

        SendFields(database, _change);
        foreach (var write in _behind ?? [])
            SendFields(database, write._change);

        _owner = database.StringGetAsync(claim.OwnerKey, CommandFlags.DemandMaster); // a replica may lag
    }

    private void SendFields(IDatabaseAsync database, in SessionChange change)
    {
        if (change.Set.Count is 1)
            Expect(database.HashSetAsync(claim.StateKey, change.Set[0].Key, change.Set[0].Value));
        else if (change.Set.Count > 1)
            Expect(database.HashSetAsync(claim.StateKey, EntriesOf(change.Set)));

        if (change.Remove.Count > 0)
            Expect(database.HashDeleteAsync(claim.StateKey, ValuesOf(change.Remove)));
    }

    private void Expect(Task answer) => _answers!.Add(answer);

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
