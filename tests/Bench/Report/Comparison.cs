using System.Globalization;
using System.Text;

namespace Orleans.Mqtt.Tests.Bench.Report;

/// <summary>
/// What ours reached next to the figures of a file, to be read by a person. Nothing fails by it: a machine that is busy
/// or of another kind has other figures, and only the ratio to mosquitto, measured in the same minute, tells much.
/// </summary>
internal static class Comparison
{
    private const string Own = "ours";
    private const string Yardstick = "mosquitto";

    /// <summary>Lines of scenario, messages per broker CPU second, and how many times mosquitto's that was.</summary>
    public static IReadOnlyDictionary<string, (double PerCpuSecond, double TimesMosquitto)> Read(string file) =>
        File.ReadLines(file)
            .Where(line => line.Length > 0 && line[0] is not '#')
            .Select(line => line.Split(','))
            .ToDictionary(cells => cells[0], cells => (Number(cells[1]), Number(cells[2])));

    public static string Render(
        IReadOnlyList<Summary> summaries, IReadOnlyDictionary<string, (double PerCpuSecond, double TimesMosquitto)> committed)
    {
        var text = new StringBuilder()
            .AppendLine("| guard: scenario  | per broker CPU second | committed | ratio | x mosquitto | committed |")
            .AppendLine("| ---------------- | --------------------: | --------: | ----: | ----------: | --------: |");
        foreach (var summary in summaries.Where(summary => summary.Broker is Own))
        {
            var now = summary.Medians.PerCpuSecond;
            var times = now / summaries.FirstOrDefault(other => other.Broker is Yardstick
                && other.Medians.Scenario == summary.Medians.Scenario)?.Medians.PerCpuSecond;
            (double PerCpuSecond, double TimesMosquitto)? then =
                committed.TryGetValue(summary.Medians.Scenario, out var found) ? found : null;
            text.AppendLine(string.Create(CultureInfo.InvariantCulture,
                $"| {summary.Medians.Scenario,-16} | {now,21:#,0} | {then?.PerCpuSecond,9:#,0} | {now / then?.PerCpuSecond,5:0.00} "
                + $"| {times,11:0.0} | {then?.TimesMosquitto,9:0.0} |"));
        }

        return text.ToString();
    }

    private static double Number(string cell) => double.Parse(cell, CultureInfo.InvariantCulture);
}
