using System.Globalization;
using System.Text.RegularExpressions;
using Xunit;

namespace Orleans.Mqtt.Tests.Admin.Metrics;

/// <summary>What /metrics said, taken apart by the rules of the format, which every line must keep.</summary>
internal sealed partial class Scrape
{
    private readonly Dictionary<string, double> _values = [];
    private readonly Dictionary<string, string> _types = [];

    private Scrape(string text)
    {
        Assert.EndsWith("\n", text, StringComparison.Ordinal);
        foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.StartsWith("# TYPE ", StringComparison.Ordinal))
                AddType(line.Split(' '));
            else if (!line.StartsWith("# HELP ", StringComparison.Ordinal))
                AddSample(line);
        }
    }

    public IReadOnlyDictionary<string, string> Types => _types;

    public double this[string series] => _values.TryGetValue(series, out var value)
        ? value
        : throw new KeyNotFoundException($"{series} is not among {string.Join(", ", _values.Keys)}");

    public static async Task<Scrape> TakeAsync(Caller caller) => new(await caller.GetTextAsync("/metrics"));

    public bool Has(string series) => _values.ContainsKey(series);

    private void AddType(string[] words)
    {
        Assert.Equal(4, words.Length);
        Assert.True(words[3] is "counter" or "gauge" or "histogram", words[3]);
        _types.Add(words[2], words[3]); // once each
    }

    private void AddSample(string line)
    {
        var sample = Sample().Match(line);
        Assert.True(sample.Success, $"'{line}' is no sample");
        var name = sample.Groups["name"].Value;
        Assert.Contains(new[] { name, Regex.Replace(name, "_(bucket|sum|count)$", "") }, _types.ContainsKey);
        _values.Add(
            name + sample.Groups["labels"].Value,
            sample.Groups["value"].Value is "+Inf" ? double.PositiveInfinity : double.Parse(sample.Groups["value"].Value, CultureInfo.InvariantCulture));
    }

    [GeneratedRegex("""^(?<name>[a-zA-Z_:][a-zA-Z0-9_:]*)(?<labels>\{[a-zA-Z_][a-zA-Z0-9_]*="(\\.|[^"\\])*"(,[a-zA-Z_][a-zA-Z0-9_]*="(\\.|[^"\\])*")*\})? (?<value>[-+0-9.eE]+|NaN|[+-]Inf)$""")]
    private static partial Regex Sample();
}
