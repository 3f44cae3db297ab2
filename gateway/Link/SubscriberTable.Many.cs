using System.Runtime.CompilerServices;
using Orleans.Mqtt.Messages;
using Orleans.Mqtt.Protocol.Topics;

namespace Orleans.Mqtt.Gateway.Link;

// Topics of a batch, a few at a time.
internal sealed partial class SubscriberTable
{
    /// <summary>
    /// The answers for these records, looked for together; false when the table is so small that it is faster to ask for
    /// one after the other.
    /// </summary>
    public bool TryMatch(in RecordGroup group, Span<Subscriber[]?> answers)
    {
        var collectors = default(Collectors);
        var visitor = new GroupVisitor(collectors);
        lock (_gate)
        {
            if (!_filters.IsLarge || !_filters.MatchAll(group.Bytes, group.Topics, ref visitor))
                return false;
            for (var i = 0; i < group.Count; i++)
                answers[i] = collectors[i].ToArray();
            return true;
        }
    }

    [InlineArray(RecordGroup.Most)]
    private struct Collectors
    {
        private Collector _first;
    }

    private readonly ref struct GroupVisitor(Span<Collector> collectors) : IMatchesVisitor<object>
    {
        private readonly Span<Collector> _collectors = collectors;

        public void Visit(int topic, object value) => _collectors[topic].Visit(value);
    }
}
