using System.Text;
using Orleans.Mqtt.Grains.Sessions;
using Orleans.Mqtt.Protocol;
using Orleans.Mqtt.Protocol.Topics;
using Orleans.Mqtt.Sessions;
using Orleans.Mqtt.Sharing;

namespace Orleans.Mqtt.Grains.Sharing;

/// <summary>
/// The shared subscriptions of one session. The session knows when its client comes and goes, also when a gateway has died,
/// and tells each share before it forgets. Every step may be repeated.
/// </summary>
internal sealed class SessionShares(string clientId, IGrainFactory grains)
{
    private readonly Dictionary<string, Seat> _byFilter = [];
    private int _nextIndex;

    public bool IsEmpty => _byFilter.Count == 0;

    /// <summary>The last epoch that was given out.</summary>
    public long Epoch { get; set; }

    /// <summary>The connection that shares may send to, as soon as its client has its CONNACK.</summary>
    public LiveConnection? Connection { get; set; }

    public void Restore(ReadOnlySpan<byte> name, byte[] value)
    {
        var seat = Seat.Parse(value);
        _byFilter[Encoding.UTF8.GetString(name[1..])] = seat;
        _nextIndex = Math.Max(_nextIndex, seat.Index + 1);
    }

    /// <summary>Takes seats for the shared ones of these subscriptions.</summary>
    public void Add(Subscription[] subscriptions, SessionChanges change)
    {
        foreach (var subscription in subscriptions.Where(subscription => SharedFilter.IsShared(subscription.Filter)))
        {
            var index = _byFilter.TryGetValue(subscription.Filter, out var known) ? known.Index : TakeIndex();
            Set(subscription.Filter, new Seat(index, subscription.QoS, IsLeaving: false), change);
        }
    }

    public Task JoinAsync(Subscription[] subscriptions) =>
        JoinAsync(subscriptions.Select(subscription => subscription.Filter).Where(_byFilter.ContainsKey));

    /// <summary>The client is there, or not any more: all shares hear of it. What has nothing left to finish is forgotten.</summary>
    public async Task ConnectAsync(LiveConnection? connection, SessionChanges change)
    {
        Connection = connection;
        foreach (var filter in await JoinAsync(_byFilter.Keys))
            Forget(filter, change);
    }

    /// <summary>Unsubscribes from the shared ones of these filters.</summary>
    public async Task LeaveAsync(string[] filters, SessionChanges change)
    {
        foreach (var filter in filters)
        {
            if (!_byFilter.TryGetValue(filter, out var seat))
                continue;
            if (await ShareOf(filter).Leave(clientId, Epoch, hasEnded: false))
                Set(filter, seat with { IsLeaving = true }, change);
            else
                Forget(filter, change);
        }
    }

    /// <summary>The session ends.</summary>
    public Task EndAsync() =>
        Task.WhenAll(_byFilter.Keys.Select(filter => ShareOf(filter).Leave(clientId, Epoch, hasEnded: true)));

    /// <summary>Gives those that have forgotten the member.</summary>
    private async Task<string[]> JoinAsync(IEnumerable<string> filters)
    {
        var asked = filters.ToArray();
        var isIn = await Task.WhenAll(asked.Select(filter => ShareOf(filter).Join(MembershipOf(filter))));
        return [.. asked.Where((_, i) => !isIn[i])];
    }

    private Membership MembershipOf(string filter) => new()
    {
        ClientId = clientId,
        QoS = _byFilter[filter].QoS,
        FirstPacketId = PacketIdentifiers.OfShare(_byFilter[filter].Index),
        Epoch = Epoch,
        GatewayId = Connection?.GatewayId,
        Window = Connection?.Window ?? 0,
        IsLeaving = _byFilter[filter].IsLeaving,
    };

    // In turn, so that the identifiers of a share that was left, some perhaps unfinished, come back late.
    private int TakeIndex()
    {
        var taken = _byFilter.Values.Select(seat => seat.Index).ToHashSet();
        if (taken.Count == PacketIdentifiers.Shares)
            taken = _byFilter.Values.Where(seat => !seat.IsLeaving).Select(seat => seat.Index).ToHashSet();
        if (taken.Count == PacketIdentifiers.Shares)
            throw new InvalidOperationException($"'{clientId}' has all the shared subscriptions that it may have.");
        while (taken.Contains(_nextIndex % PacketIdentifiers.Shares))
            _nextIndex++;
        return _nextIndex++ % PacketIdentifiers.Shares;
    }

    private void Set(string filter, Seat seat, SessionChanges change)
    {
        _byFilter[filter] = seat;
        change.Set(SessionFields.Share(filter), seat.ToArray());
    }

    private void Forget(string filter, SessionChanges change)
    {
        _byFilter.Remove(filter);
        change.Remove(SessionFields.Share(filter));
    }

    private IShareGrain ShareOf(string filter) => grains.GetGrain<IShareGrain>(filter);

    /// <summary>Which block of packet identifiers a share may use, and as what the session is in it.</summary>
    private readonly record struct Seat(int Index, QoS QoS, bool IsLeaving)
    {
        public static Seat Parse(byte[] value) => new(value[0], (QoS)value[1], value[2] != 0);

        public byte[] ToArray() => [(byte)Index, (byte)QoS, IsLeaving ? (byte)1 : (byte)0];
    }
}
