using System.Globalization;
using System.Text;
using BenchmarkDotNet.Attributes;
using Orleans.Mqtt.Protocol.Topics;

namespace Orleans.Mqtt.Tests.Bench.Micro;

/// <summary>One topic against a table of wildcard filters, each with a number of its own; one of them matches, and "#".</summary>
public class MatchingBenchmarks
{
    private readonly byte[] _topic = Encoding.UTF8.GetBytes("site/7/device/9/state");
    private FilterTree<string> _tree = new();

    [Params(10, 100_000)]
    public int Filters { get; set; }

    [GlobalSetup]
    public void Prepare()
    {
        _tree = new FilterTree<string>();
        for (var number = 0; number < Filters; number++)
            _tree.Set(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"site/{number}/+/9/state")), "one");

        _tree.Set("#"u8, "all");
    }

    [Benchmark]
    public int Tree()
    {
        var counter = new Counter();
        _tree.Match(_topic, ref counter);
        return counter.Count;
    }

    [Benchmark]
    public bool OneFilter() => TopicMatcher.Matches("site/+/device/#"u8, _topic);

    private struct Counter : IMatchVisitor<string>
    {
        public int Count { get; private set; }

        public bool Visit(string value)
        {
            Count++;
            return true;
        }
    }
}
