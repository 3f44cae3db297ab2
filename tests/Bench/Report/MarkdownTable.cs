using System.Text;

namespace Orleans.Mqtt.Tests.Bench.Report;

/// <summary>Summaries of one kind, as a table that reads well as text too.</summary>
internal sealed class MarkdownTable(string title, FigureKind kind, IReadOnlyList<Column> columns)
{
    private const string Yardstick = "mosquitto";

    public static readonly IReadOnlyList<MarkdownTable> All =
    [
        new("Throughput", FigureKind.Throughput,
        [
            Column.Number("per second", figures => figures.Rate),
            Column.Number("per broker CPU second", figures => figures.PerCpuSecond),
            Column.Ratio("x mosquitto (per CPU s)", figures => figures.PerCpuSecond),
            Column.Number("of few filters", figures => figures.OfFew),
            Column.Number("broker cores", figures => figures.Cores),
            Column.Number("RSS MiB", figures => figures.ResidentMebibytes),
        ]),
        new("Latency at a fixed rate", FigureKind.Latency,
        [
            Column.Number("p50 us", figures => figures.P50Microseconds),
            Column.Ratio("x mosquitto (p50)", figures => figures.P50Microseconds),
            Column.Number("p99 us", figures => figures.P99Microseconds),
            Column.Number("broker cores", figures => figures.Cores),
            Column.Number("per second", figures => figures.Rate),
        ]),
        new("Memory", FigureKind.Memory,
        [
            Column.Number("KiB each", figures => figures.KibibytesAConnection),
            Column.Ratio("x mosquitto", figures => figures.KibibytesAConnection),
            Column.Number("RSS MiB", figures => figures.ResidentMebibytes),
            Column.Number("broker cores", figures => figures.Cores),
        ]),
    ];

    public string Render(IReadOnlyList<Summary> summaries)
    {
        var own = summaries.Where(summary => summary.Medians.Kind == kind).ToArray();
        if (own.Length is 0)
            return "";

        List<string[]> rows =
        [
            ["scenario", "broker", .. columns.Select(column => column.Head), "generator cores", "faults"],
            .. own.Select(summary => Row(summary, own)),
        ];
        var widths = Enumerable.Range(0, rows[0].Length).Select(at => rows.Max(row => row[at].Length)).ToArray();
        rows.Insert(1, [.. widths.Select((width, at) => new string('-', width - 1) + (IsText(at) ? '-' : ':'))]);

        var text = new StringBuilder().Append("## ").AppendLine(title).AppendLine();
        foreach (var row in rows)
        {
            var cells = row.Select((cell, at) => IsText(at) ? cell.PadRight(widths[at]) : cell.PadLeft(widths[at]));
            text.Append("| ").AppendJoin(" | ", cells).AppendLine(" |");
        }

        return text.ToString();

        bool IsText(int at) => at < 2 || at == rows[0].Length - 1;
    }

    private string[] Row(Summary summary, Summary[] all)
    {
        var yardstick = all.FirstOrDefault(other =>
            other.Broker == Yardstick && other.Medians.Scenario == summary.Medians.Scenario)?.Medians;
        var figures = summary.Medians;
        return
        [
            figures.Scenario,
            summary.Broker,
            .. columns.Select(column => column.Cell(figures, yardstick)),
            Column.Format(figures.GeneratorCores),
            figures.Note is null ? figures.Faults.ToString() : Flat(figures.Note),
        ];
    }

    private static string Flat(string note)
    {
        var line = note.ReplaceLineEndings(" ").Replace('|', '/');
        return line.Length > 120 ? line[..120] : line;
    }
}
