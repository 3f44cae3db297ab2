using System.Text;
using CsCheck;
using Orleans.Mqtt.Protocol.Topics;
using Xunit;

namespace Orleans.Mqtt.Tests.Unit.Protocol.Topics;

/// <summary>Random legal topics and filters from few words, so that they meet often, and a matcher to judge by.</summary>
internal static class Samples
{
    private static readonly Gen<string> _word = Gen.OneOf("", "a", "b", "ab", "a ", "ü", "日本語", "$", "$SYS", "temperature");

    public static Gen<string> Topic { get; } = _word.Array[1, 5].Select(Join).Where(text => text.Length > 0);

    public static Gen<string> Filter { get; } =
        Gen.Select(Gen.Frequency((3, _word), (2, Gen.Const("+"))).Array[0, 5], Gen.Bool)
            .Select((levels, many) => Join(many ? [.. levels, "#"] : levels))
            .Where(text => text.Length > 0);

    public static byte[] Utf8(this string text) => Encoding.UTF8.GetBytes(text);

    /// <summary>As MQTT 5 section 4.7 says it, without a thought for speed.</summary>
    public static bool Match(string filter, string topic)
    {
        if (topic.StartsWith('$') && (filter.StartsWith('+') || filter.StartsWith('#')))
            return false;

        return Match(filter.Split('/'), topic.Split('/'));
    }

    private static bool Match(ReadOnlySpan<string> filter, ReadOnlySpan<string> topic) => filter switch
    {
        ["#"] => true,
        [] => topic.IsEmpty,
        [var level, .. var rest] => !topic.IsEmpty && (level == "+" || level == topic[0]) && Match(rest, topic[1..]),
    };

    private static string Join(string[] levels) => string.Join('/', levels);
}

/// <summary>Takes down what it is shown, and may have enough at some point.</summary>
internal struct Listener(List<string> heard, int patience = int.MaxValue) : IMatchVisitor<string>
{
    public readonly bool Visit(string value)
    {
        heard.Add(value);
        return heard.Count < patience;
    }
}

/// <summary>Only counts, for measurements.</summary>
internal struct Counter : IMatchVisitor<string>
{
    public int Count { get; private set; }

    public bool Visit(string value)
    {
        Count++;
        return true;
    }
}

/// <summary>Tests that measure the memory of the process, and so want it for themselves.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class MeasuredAlone
{
    public const string Name = "Measured alone";

    public static long Memory() => GC.GetTotalMemory(forceFullCollection: true);
}
