namespace Orleans.Mqtt.Gateway.Hosting.Metrics;

/// <summary>The value of one series; many threads add to it.</summary>
internal sealed class MetricCell(double[]? bounds)
{
    private readonly long[] _buckets = bounds is null ? [] : new long[bounds.Length + 1];
    private long _whole;
    private double _fraction;

    public double Value => Interlocked.Read(ref _whole) + Volatile.Read(ref _fraction);

    public void Add(long value) => Interlocked.Add(ref _whole, value);

    public void Add(double value)
    {
        var before = Volatile.Read(ref _fraction);
        while (Interlocked.CompareExchange(ref _fraction, before + value, before) is var found
            && BitConverter.DoubleToInt64Bits(found) != BitConverter.DoubleToInt64Bits(before))
        {
            before = found;
        }
    }

    public void Set(double value) => Volatile.Write(ref _fraction, value);

    /// <summary>Counts a value of a histogram into its bucket, and into the sum.</summary>
    public void Observe(double value)
    {
        var bucket = Array.BinarySearch(bounds!, value); // a bound is the highest value of its bucket
        Interlocked.Increment(ref _buckets[bucket < 0 ? ~bucket : bucket]);
        Add(value);
    }

    /// <summary>How many values are in the bucket and those below it; the last has all.</summary>
    public long CountUpTo(int bucket)
    {
        var count = 0L;
        for (var i = 0; i <= bucket; i++)
            count += Interlocked.Read(ref _buckets[i]);
        return count;
    }
}
