using System.Text;
using Orleans.Mqtt.Messages;
using Orleans.Mqtt.Protocol.Topics;

namespace Orleans.Mqtt.Client.Watching;

/// <summary>The watches of this process by filter.</summary>
internal sealed class WatchTable(TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly FilterTree<List<TopicWatch>> _filters = new();
    private readonly List<List<TopicWatch>> _matched = [];
    private readonly HashSet<string> _deserted = [];

    public void Add(TopicWatch watch)
    {
        var filter = Encoding.UTF8.GetBytes(watch.Filter);
        lock (_gate)
        {
            if (_filters.TryGet(filter, out var watches))
                watches.Add(watch);
            else
                _filters.Set(filter, [watch]);
            _deserted.Remove(watch.Filter);
        }
    }

    public void Remove(TopicWatch watch)
    {
        var filter = Encoding.UTF8.GetBytes(watch.Filter);
        lock (_gate)
        {
            if (!_filters.TryGet(filter, out var watches) || !watches.Remove(watch) || watches.Count > 0)
                return;
            _filters.Remove(filter);
            _deserted.Add(watch.Filter);
        }
    }

    public bool Has(string filter)
    {
        lock (_gate)
            return _filters.TryGet(Encoding.UTF8.GetBytes(filter), out _);
    }

    /// <summary>Filters whose last watch has ended since the last time.</summary>
    public IReadOnlyList<string> TakeDeserted()
    {
        lock (_gate)
        {
            string[] deserted = [.. _deserted];
            _deserted.Clear();
            return deserted;
        }
    }

    public IReadOnlyList<string> Filters()
    {
        var filters = new List<string>();
        lock (_gate)
        {
            foreach (var entry in _filters)
                filters.Add(entry.Value[0].Filter);
        }

        return filters;
    }

    /// <summary>To every watch whose filter matches; they share the message.</summary>
    public void Deliver(in MessageRecord record)
    {
        lock (_gate)
        {
            _matched.Clear();
            var visitor = new Collector(_matched);
            _filters.Match(record.Topic, ref visitor);
            if (_matched.Count == 0)
                return;

            var message = Message.From(record, time.GetUtcNow());
            foreach (var watches in _matched)
            {
                foreach (var watch in watches)
                    watch.Offer(message);
            }
        }
    }

    public void ForEach(Action<TopicWatch> action)
    {
        lock (_gate)
        {
            foreach (var entry in _filters)
                entry.Value.ForEach(action);
        }
    }

    private readonly record struct Collector(List<List<TopicWatch>> Matched) : IMatchVisitor<List<TopicWatch>>
    {
        public bool Visit(List<TopicWatch> value)
        {
            Matched.Add(value);
            return true;
        }
    }
}
