using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;

namespace Orleans.Mqtt.Gateway.Hosting.Metrics;

/// <summary>All series of one instrument: one for each combination of its tags, up to a limit.</summary>
internal sealed class MetricFamily
{
    // Tags are of our making and few. Were one to grow without end, it would end here.
    public const int MostSeries = 1_000;

    private static readonly double[] _defaultBounds = [.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10];

    private readonly ConcurrentDictionary<string, MetricCell> _series = new();
    private readonly ConcurrentDictionary<string, MetricCell>.AlternateLookup<ReadOnlySpan<char>> _byLabels;
    private readonly bool _isSet;
    private MetricCell? _untagged;
    private long _refused;

    public MetricFamily(Instrument instrument)
    {
        _byLabels = _series.GetAlternateLookup<ReadOnlySpan<char>>();
        var kind = instrument.GetType().Name;
        _isSet = instrument.IsObservable || kind.StartsWith("Gauge", StringComparison.Ordinal);
        Type = kind.StartsWith("Histogram", StringComparison.Ordinal) ? "histogram"
            : kind.Contains("Counter", StringComparison.Ordinal) && !kind.Contains("UpDown", StringComparison.Ordinal)
                ? "counter"
                : "gauge";
        Name = PrometheusText.NameOf(instrument.Name, instrument.Unit, Type);
        Help = instrument.Description ?? "";
        IsObserved = instrument.IsObservable;
        Bounds = Type != "histogram" ? null : [.. (instrument as Instrument<double>)?.Advice?.HistogramBucketBoundaries
            ?? (instrument as Instrument<long>)?.Advice?.HistogramBucketBoundaries?.Select(bound => (double)bound)
            ?? (instrument as Instrument<int>)?.Advice?.HistogramBucketBoundaries?.Select(bound => (double)bound)
            ?? _defaultBounds];
    }

    public string Name { get; }

    /// <summary>counter, gauge or histogram.</summary>
    public string Type { get; }

    public string Help { get; }

    /// <summary>Its values are asked for, not reported.</summary>
    public bool IsObserved { get; }

    public double[]? Bounds { get; }

    /// <summary>Measurements that were lost because there were too many series.</summary>
    public long Refused => Interlocked.Read(ref _refused);

    public IEnumerable<KeyValuePair<string, MetricCell>> Series =>
        _series.OrderBy(series => series.Key, StringComparer.Ordinal);

    public void Record(long value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (_isSet || Bounds is not null)
            Record((double)value, tags);
        else
            CellOf(tags)?.Add(value);
    }

    public void Record(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var cell = CellOf(tags);
        if (_isSet)
            cell?.Set(value);
        else if (Bounds is not null)
            cell?.Observe(value);
        else
            cell?.Add(value);
    }

    /// <summary>Forgets all series before they are observed anew: a tag that is gone must not be shown for ever.</summary>
    public void Clear()
    {
        _series.Clear();
        _untagged = null;
    }

    private MetricCell? CellOf(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (tags.IsEmpty)
            return _untagged ??= _series.GetOrAdd("", static (_, bounds) => new MetricCell(bounds), Bounds);

        var labels = new Labels(stackalloc char[256]);
        foreach (var (name, value) in tags)
            labels.Add(name, Convert.ToString(value, CultureInfo.InvariantCulture) ?? "");
        if (_byLabels.TryGetValue(labels.Text, out var cell))
            return cell;
        if (_series.Count < MostSeries)
            return _series.GetOrAdd(labels.Text.ToString(), static (_, bounds) => new MetricCell(bounds), Bounds);

        Interlocked.Increment(ref _refused);
        return null;
    }
}
