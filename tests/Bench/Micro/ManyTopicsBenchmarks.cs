using System.Text;
using BenchmarkDotNet.Attributes;
using Orleans.Mqtt.Protocol.Topics;

namespace Orleans.Mqtt.Tests.Bench.Micro;

/// <summary>
/// Topics against a million wildcard filters, of which each matches one, in an order in which no neighbours follow each
/// other: a topic after the other, and sixteen of a client together.
/// </summary>
public class ManyTopicsBenchmarks
{
    private const int Clients = 100;
    private const int TopicsOfClient = 10_000;
    private const int Together = 16;
    private const int Groups = Clients * TopicsOfClient / Together;
    private const int Scattered = 7_919;

    private readonly List<(byte[] Text, TopicPlace[] Topics)> _groups = [];
    private FilterTree<string> _tree = new();

    [GlobalSetup]
    public void Prepare()
    {
        _tree = new FilterTree<string>();
        for (var topic = 0; topic < TopicsOfClient; topic++)
        {
            for (var client = 0; client < Clients; client++)
                _tree.Set(Encoding.UTF8.GetBytes($"site/{client}/{topic}/+"), "one");
        }

        _groups.Clear();
        for (var group = 0; group < Groups; group++)
        {
            var text = new StringBuilder();
            var topics = new TopicPlace[Together];
            for (var i = 0; i < topics.Length; i++)
            {
                var topic = $"site/{group % Clients}/{((group / Clients * Together) + i) * Scattered % TopicsOfClient}/v";
                topics[i] = new TopicPlace(text.Length, topic.Length);
                text.Append(topic);
            }

            _groups.Add((Encoding.UTF8.GetBytes(text.ToString()), topics));
        }
    }

    [Benchmark(OperationsPerInvoke = Together * Groups)]
    public int One_after_the_other()
    {
        var counter = new Counter();
        foreach (var (text, topics) in _groups)
        {
            foreach (var topic in topics)
                _tree.Match(text.AsSpan(topic.Start, topic.Length), ref counter);
        }

        return counter.Count;
    }

    [Benchmark(OperationsPerInvoke = Together * Groups)]
    public int Many_together()
    {
        var counter = new Counter();
        foreach (var (text, topics) in _groups)
            _tree.MatchAll(text, topics, ref counter);

        return counter.Count;
    }

    private struct Counter : IMatchVisitor<string>, IMatchesVisitor<string>
    {
        public int Count { get; private set; }

        public bool Visit(string value)
        {
            Count++;
            return true;
        }

        public void Visit(int topic, string value) => Count++;
    }
}
