using System.Text;
using Orleans.Mqtt.Gateway.Connections;
using Orleans.Mqtt.Protocol.Topics;

namespace Orleans.Mqtt.Gateway.Link;

/// <summary>
/// The gateway's own subscribers by filter: the second level of matching. Known topics are answered without a lock.
/// </summary>
internal sealed partial class SubscriberTable(int mostRemembered = 4 * 1024 * 1024)
{
    private const int CachedTopics = 64 * 1024;

    private readonly Lock _gate = new();

    // A LoneSubscription, or the first LocalSubscription of a list.
    private readonly FilterTree<object> _filters = new();
    private readonly TopicCache<Subscriber[]> _cache = new(CachedTopics);
    private long _remembered;
    private int _subscriptions;

    /// <summary>Subscriptions of all connections here.</summary>
    public int Count => Volatile.Read(ref _subscriptions);

    /// <summary>Topics whose answer is remembered.</summary>
    public int RememberedTopics => _cache.Count;

    public static int MostRememberedTopics => CachedTopics;

    /// <summary>Subscribers in all remembered answers, and how many may be.</summary>
    public (long Count, long Limit) Remembered => (Volatile.Read(ref _remembered), mostRemembered);

    public Subscriber[] Match(ReadOnlySpan<byte> topic)
    {
        var hash = TopicHash.Of(topic);
        return _cache.TryGet(topic, hash, out var subscribers) ? subscribers : MatchAndRemember(topic, hash);
    }

    public void Add(LocalSubscription subscription)
    {
        var filter = Encoding.UTF8.GetBytes(subscription.MatchedFilter);
        lock (_gate)
        {
            _filters.TryGet(filter, out var known);
            _filters.Set(filter, known is null && subscription.IsLone
                ? subscription.ToLone()
                : subscription.LinkBefore(FirstOf(known, subscription.MatchedFilter)));
            _subscriptions++;
            Forget(filter);
        }
    }

    /// <summary>Subscriptions to exactly this filter.</summary>
    public LocalSubscription[] To(string filter)
    {
        var found = new List<LocalSubscription>();
        lock (_gate)
        {
            _filters.TryGet(Encoding.UTF8.GetBytes(filter), out var known);
            for (var subscription = FirstOf(known, filter); subscription is not null; subscription = subscription.Next)
                found.Add(subscription);
        }

        return [.. found];
    }

    public void Remove(LocalSubscription subscription)
    {
        var filter = Encoding.UTF8.GetBytes(subscription.MatchedFilter);
        lock (_gate)
        {
            _filters.TryGet(filter, out var known);
            if (known is not LocalSubscription first || subscription.UnlinkFrom(first) is not { } left)
                _filters.Remove(filter);
            else
                _filters.Set(filter, ValueOf(left));
            _subscriptions--;
            Forget(filter);
        }
    }

    // What a client leaves behind when it has come again on another connection is as it was before.
    private static object ValueOf(LocalSubscription first)
    {
        if (!first.IsLone)
            return first;

        first.UnlinkFrom(first);
        return first.ToLone();
    }

    private static LocalSubscription? FirstOf(object? known, string filter) =>
        known is LoneSubscription lone ? lone.ToLocal(filter).LinkBefore(null) : (LocalSubscription?)known;

    private Subscriber[] MatchAndRemember(ReadOnlySpan<byte> topic, uint hash)
    {
        var collector = new Collector();
        lock (_gate)
        {
            var version = _cache.Version;
            _filters.Match(topic, ref collector);
            var subscribers = collector.ToArray();
            Remember(topic, hash, subscribers, version);
            return subscribers;
        }
    }

    // Bounded by what the answers hold, not by their number only: a wildcard of ten thousand is in every one of them.
    private void Remember(ReadOnlySpan<byte> topic, uint hash, Subscriber[] subscribers, long version)
    {
        if (!_cache.IsWorthAdding(hash))
            return;

        _remembered += subscribers.Length;
        if (_remembered > mostRemembered)
        {
            ForgetAll();
            _remembered = subscribers.Length;
            version = _cache.Version;
        }

        _cache.Add(topic, subscribers, version);
    }

    private void Forget(byte[] filter)
    {
        if (TopicFilter.HasWildcard(filter))
            ForgetAll();
        else
            _cache.Remove(filter);
    }

    private void ForgetAll()
    {
        _cache.Clear();
        _remembered = 0;
    }

    /// <summary>Gathers subscriptions; those of one connection are merged when more than one filter matched.</summary>
    private struct Collector : IMatchVisitor<object>
    {
        private object? _first; // most topics are heard by one connection: then there is no list
        private List<Subscriber>? _found;
        private Dictionary<MqttConnection, int>? _places;

        public bool Visit(object first)
        {
            if (_first is null)
            {
                _first = first; // and not looked into: it may be far away in memory, and others are on their way
                return true;
            }

            if (_found is null && _first is LoneSubscription one && first is LoneSubscription other
                && one.Stronger(other) is { } stronger)
            {
                _first = stronger;
                return true;
            }

            AddFirst();
            IndexWhatIsFound();
            AddAll(first);
            return true;
        }

        public Subscriber[] ToArray()
        {
            if (_found is not null)
                return [.. _found];

            switch (_first)
            {
                case null:
                    return [];
                case LoneSubscription lone:
                    return lone.Answer;
                case LocalSubscription { Next: null } only:
                    return only.ToAnswer();
                default:
                    AddFirst();
                    return [.. _found!];
            }
        }

        private void AddFirst()
        {
            if (_found is not null)
                return;

            _found = [];
            AddAll(_first!);
        }

        private void AddAll(object first)
        {
            if (first is LoneSubscription lone)
            {
                Add(lone.Answer[0]);
                return;
            }

            for (var subscription = (LocalSubscription?)first; subscription is not null; subscription = subscription.Next)
            {
                if (subscription.IsExclusive)
                    IndexWhatIsFound();
                Add(subscription.ToSubscriber());
            }
        }

        private readonly void Add(Subscriber subscriber)
        {
            if (_places is not null && !_places.TryAdd(subscriber.Connection, _found!.Count))
            {
                var at = _places[subscriber.Connection];
                _found[at] = _found[at].Merge(subscriber);
                return;
            }

            _found!.Add(subscriber);
        }

        private void IndexWhatIsFound()
        {
            if (_places is not null)
                return;

            _places = new Dictionary<MqttConnection, int>(_found!.Count);
            for (var i = 0; i < _found.Count; i++)
                _places.Add(_found[i].Connection, i);
        }
    }
}
