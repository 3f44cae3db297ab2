using System.Runtime.CompilerServices;
using Orleans.Mqtt.Messages;
using Orleans.Mqtt.Protocol.Topics;

namespace Orleans.Mqtt.Grains.Routing;

// Topics of a batch, a few at a time.
internal sealed partial class RouteTable
{
    /// <summary>
    /// One answer a record. Returns how many topics were not remembered, if the tree is so large that others who look for
    /// them should do so together, too; else 0.
    /// </summary>
    public int Match(in RecordGroup group, Span<RouteMatch> matches)
    {
        var bytes = group.Bytes;
        var topics = group.Topics;
        var unknown = default(Unknown);
        var count = 0;
        for (var i = 0; i < topics.Length; i++)
        {
            var topic = bytes.Slice(topics[i].Start, topics[i].Length);
            var hash = TopicHash.Of(topic);
            if (_cache.TryGet(topic, hash, out var match))
                matches[i] = match;
            else
                unknown[count++] = new Question(i, hash, topics[i]);
        }

        return count > 0 && MatchAndRemember(bytes, ((Span<Question>)unknown)[..count], matches) ? count : 0;
    }

    // One lock for all of them. Gives whether the tree is large.
    private bool MatchAndRemember(ReadOnlySpan<byte> bytes, ReadOnlySpan<Question> unknown, Span<RouteMatch> matches)
    {
        lock (_gate)
        {
            var isLarge = _filters.IsLarge;
            if (isLarge && MatchTogether(bytes, unknown, matches))
                return true;

            foreach (var question in unknown)
            {
                var topic = bytes.Slice(question.Topic.Start, question.Topic.Length);
                matches[question.Index] = MatchAndRemember(topic, question.Hash);
            }

            return isLarge;
        }
    }

    private bool MatchTogether(ReadOnlySpan<byte> bytes, ReadOnlySpan<Question> unknown, Span<RouteMatch> matches)
    {
        var places = default(Places);
        for (var i = 0; i < unknown.Length; i++)
            places[i] = unknown[i].Topic;

        var collectors = default(Collectors);
        var visitor = new GroupVisitor(collectors);
        var version = _cache.Version;
        if (!_filters.MatchAll(bytes, ((ReadOnlySpan<TopicPlace>)places)[..unknown.Length], ref visitor))
            return false;

        for (var i = 0; i < unknown.Length; i++)
        {
            var match = matches[unknown[i].Index] = collectors[i].ToMatch();
            Remember(bytes.Slice(unknown[i].Topic.Start, unknown[i].Topic.Length), unknown[i].Hash, match, ref version);
        }

        return true;
    }

    /// <summary>A topic that is not remembered.</summary>
    private readonly record struct Question(int Index, uint Hash, TopicPlace Topic);

    [InlineArray(RecordGroup.Most)]
    private struct Unknown
    {
        private Question _first;
    }

    [InlineArray(RecordGroup.Most)]
    private struct Places
    {
        private TopicPlace _first;
    }

    [InlineArray(RecordGroup.Most)]
    private struct Collectors
    {
        private RouteMatch.Collector _first;
    }

    private readonly ref struct GroupVisitor(Span<RouteMatch.Collector> collectors) : IMatchesVisitor<Route>
    {
        private readonly Span<RouteMatch.Collector> _collectors = collectors;

        public void Visit(int topic, Route value) => _collectors[topic].Visit(value);
    }
}
