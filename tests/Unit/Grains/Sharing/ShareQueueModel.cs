using Orleans.Mqtt.Grains.Sessions;
using Orleans.Mqtt.Grains.Sharing;
using Orleans.Mqtt.Messages;
using Orleans.Mqtt.Protocol;
using Xunit;

namespace Orleans.Mqtt.Tests.Unit.Grains.Sharing;

/// <summary>A share's queue beside its store, in the plainest form: a list, and fields.</summary>
internal sealed class ShareQueueModel
{
    private const long First = 1_000;

    private readonly int _inMemory;
    private readonly ShareMember _member;
    private readonly List<byte[]> _list = [];
    private readonly SortedDictionary<string, byte[]> _fields = [];
    private readonly HashSet<long> _appended = [];
    private readonly HashSet<long> _finished = [];

    public ShareQueueModel(int inMemory, ShareMember member)
    {
        _inMemory = inMemory;
        _member = member;
        Queue = Load();
    }

    public ShareQueue Queue { get; private set; }

    /// <summary>What was given out and not finished or returned, in the order of the queue.</summary>
    public List<ShareFlight> Open => [.. Queue.Flights.OrderBy(flight => flight.Position)];

    public IReadOnlyCollection<long> Finished => _finished;

    public IEnumerable<long> Appended => _appended.Order();

    public long Waiting => _appended.Count - _finished.Count - Open.Count;

    public int StoredRecords => _list.Count;

    public int StoredFields => _fields.Count;

    public void Do(int verb, int choice)
    {
        switch (verb)
        {
            case < 3:
                Append(verb == 0 || choice % 2 == 0 ? QoS.AtLeastOnce : QoS.ExactlyOnce);
                break;
            case < 6:
                Give();
                break;
            case < 8 when Open.Count > 0:
                Finish(Open[Math.Min(choice, Open.Count - 1)]);
                break;
            case 8 when Open.Find(flight => !flight.IsStored) is { } flight:
                Commit(change => Queue.Return(flight, change));
                break;
            case 9 when choice < 4:
                Queue = Load();
                break;
            default:
                break;
        }
    }

    public void DropWaiting()
    {
        Commit(Queue.DropWaiting);
        _appended.IntersectWith(Open.Select(flight => flight.Position).Concat(_finished));
    }

    private void Append(QoS qos)
    {
        var record = Records.Of("a", qos: qos, position: Queue.Tail);
        _appended.Add(Queue.Append(record));
        Commit(change => change.Append(record));
        Queue.Stored(Queue.Tail);
    }

    private void Give()
    {
        while (Queue.MissingPage() is { Count: > 0 } page)
            Queue.AddPage(_list.Skip((int)(page.Position - Queue.Head)).Take(page.Count).Select(record => (ReadOnlyMemory<byte>)record));
        if (!Queue.TryPeek(out var bytes))
        {
            Assert.Equal(0, Waiting);
            return;
        }

        var oldest = _appended.Where(position => !_finished.Contains(position) && !Queue.TryGet(position, out _)).Min();
        Assert.Equal(oldest, new MessageRecord(bytes.Span).Position);
        var flight = Queue.Give(_member);
        if (flight.QoS is QoS.ExactlyOnce)
        {
            flight.IsStored = true;
            Commit(change => change.Set(ShareFields.Given(flight.Position), new GivenTo("m", 33_000, false).ToArray()));
        }
    }

    private void Finish(ShareFlight flight)
    {
        Assert.True(_finished.Add(flight.Position), "finished once before");
        Commit(change => Queue.Finish(flight, change));
    }

    private void Commit(Action<SessionChanges> step)
    {
        var changes = new SessionChanges();
        step(changes);
        Queue.Trim(changes);
        var change = changes.ToChange();
        _list.AddRange(change.Append.Select(record => record.ToArray()));
        _list.RemoveRange(0, change.Trim);
        foreach (var (name, value) in change.Set)
            _fields[Convert.ToHexString(name.Span)] = value.ToArray();
        foreach (var name in change.Remove)
            _fields.Remove(Convert.ToHexString(name.Span));
    }

    /// <summary>As after a crash. QoS 1 that was given out is given out again, unless it has left the store.</summary>
    private ShareQueue Load()
    {
        var queue = new ShareQueue(_inMemory);
        var given = new Dictionary<long, GivenTo>();
        var parked = new Dictionary<long, ReadOnlyMemory<byte>>();
        foreach (var (hex, value) in _fields)
        {
            var name = Convert.FromHexString(hex);
            if (name[0] == ShareFields.GivenPrefix)
                given.Add(ShareFields.Position(name), GivenTo.Parse(value));
            else
                parked.Add(ShareFields.Position(name), value);
        }

        var head = _list.Count > 0 ? new MessageRecord(_list[0]).Position : _appended.DefaultIfEmpty(First - 1).Max() + 1;
        var last = given.Keys.DefaultIfEmpty(-1).Max();
        var first = _list.Take((int)Math.Max(_inMemory, last - head + 1)).Select(record => (ReadOnlyMemory<byte>)record);
        // Of QoS 1 it is not known any more what was finished and could not leave yet. Before the queue is tidied up: that parks some.
        var left = _list.Select(record => new MessageRecord(record).Position).Concat(parked.Keys).ToHashSet();
        _finished.RemoveWhere(position => left.Contains(position) && given.GetValueOrDefault(position) != GivenTo.Nobody);

        var changes = new SessionChanges();
        queue.Load(head, _list.Count, first, parked, last, TakeUp, changes);
        Queue = queue;
        Commit(_ => { });
        foreach (var name in changes.ToChange().Remove)
            _fields.Remove(Convert.ToHexString(name.Span));
        return queue;

        bool TakeUp(long position, ReadOnlyMemory<byte> record, out ShareFlight? flight)
        {
            var isGiven = given.TryGetValue(position, out var to);
            flight = isGiven && to.ClientId == _member.ClientId
                ? new ShareFlight(position, record, _member) { State = FlightState.Sent, IsStored = true }
                : null;
            return isGiven;
        }
    }
}
