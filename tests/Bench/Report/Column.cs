using System.Globalization;

namespace Orleans.Mqtt.Tests.Bench.Report;

/// <summary>A column of a table: its head, and what stands under it for a run and the yardstick's run.</summary>
internal sealed record Column(string Head, Func<Figures, Figures?, string> Cell)
{
    public static Column Number(string head, Func<Figures, double?> value) => new(head, (own, _) => Format(value(own)));

    /// <summary>How many times mosquitto's it is.</summary>
    public static Column Ratio(string head, Func<Figures, double?> value) => new(head, (own, yardstick) =>
        yardstick is not null && value(own) / value(yardstick) is { } ratio && double.IsFinite(ratio)
            ? string.Create(CultureInfo.InvariantCulture, $"{ratio:0.00}")
            : "");

    public static string Format(double? value) => value switch
    {
        null => "",
        < 0.1 => string.Create(CultureInfo.InvariantCulture, $"{value:0.000}"),
        < 10 => string.Create(CultureInfo.InvariantCulture, $"{value:0.00}"),
        < 100 => string.Create(CultureInfo.InvariantCulture, $"{value:0.0}"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{value:#,0}"),
    };
}
