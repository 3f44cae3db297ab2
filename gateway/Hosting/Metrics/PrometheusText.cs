using System.Globalization;
using System.Text;

namespace Orleans.Mqtt.Gateway.Hosting.Metrics;

/// <summary>The text format 0.0.4 that Prometheus scrapes.</summary>
internal static class PrometheusText
{
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    /// <summary>mqtt.gateway.unsent in bytes becomes mqtt_gateway_unsent_bytes; a counter ends in _total.</summary>
    public static string NameOf(string name, string? unit, string type)
    {
        var text = new StringBuilder(name.Length + 12);
        foreach (var letter in name)
            text.Append(char.IsAsciiLetterOrDigit(letter) || letter is ':' ? letter : '_');
        if (char.IsAsciiDigit(text[0]))
            text.Insert(0, '_');

        var ending = unit switch { "By" => "_bytes", "s" => "_seconds", "ms" => "_milliseconds", _ => "" };
        foreach (var part in new[] { ending, type == "counter" ? "_total" : "" })
        {
            if (!text.ToString().EndsWith(part, StringComparison.Ordinal))
                text.Append(part);
        }

        return text.ToString();
    }

    public static void Write(StringBuilder text, MetricFamily family)
    {
        text.Append($"# HELP {family.Name} ").Append(Escape(family.Help, quotes: false)).Append('\n');
        text.Append($"# TYPE {family.Name} {family.Type}\n");
        foreach (var (labels, cell) in family.Series)
        {
            if (family.Bounds is { } bounds)
                WriteHistogram(text, family.Name, labels, cell, bounds);
            else
                Line(text, family.Name, labels, cell.Value);
        }
    }

    public static void Line(StringBuilder text, string name, string labels, double value)
    {
        text.Append(name);
        if (labels.Length > 0)
            text.Append('{').Append(labels).Append('}');
        text.Append(' ').Append(Number(value)).Append('\n');
    }

    public static string Escape(string value, bool quotes = true)
    {
        var escaped = value.Replace("\\", @"\\", StringComparison.Ordinal).Replace("\n", @"\n", StringComparison.Ordinal);
        return quotes ? escaped.Replace("\"", "\\\"", StringComparison.Ordinal) : escaped;
    }

    private static void WriteHistogram(StringBuilder text, string name, string labels, MetricCell cell, double[] bounds)
    {
        var before = labels.Length == 0 ? "" : labels + ",";
        for (var bucket = 0; bucket <= bounds.Length; bucket++)
        {
            var bound = bucket == bounds.Length ? "+Inf" : Number(bounds[bucket]);
            Line(text, name + "_bucket", $"{before}le=\"{bound}\"", cell.CountUpTo(bucket));
        }

        Line(text, name + "_sum", labels, cell.Value);
        Line(text, name + "_count", labels, cell.CountUpTo(bounds.Length));
    }

    private static string Number(double value) => value switch
    {
        double.PositiveInfinity => "+Inf",
        double.NegativeInfinity => "-Inf",
        _ => value.ToString("R", CultureInfo.InvariantCulture),
    };
}
