using System.Diagnostics;
using System.Numerics;

namespace Orleans.Mqtt.Tests.Bench.Load;

/// <summary>Counts durations in buckets of about 3 % width, from a nanosecond to minutes.</summary>
internal sealed class LatencyHistogram
{
    private const int StepBits = 5;
    private const int Steps = 1 << StepBits;

    private static readonly double _nanosecondsATick = 1e9 / Stopwatch.Frequency;

    private readonly long[] _counts = new long[48 * Steps];

    public long Count { get; private set; }

    public void Add(long ticks)
    {
        _counts[Bucket(Math.Max(0, (long)(ticks * _nanosecondsATick)))]++;
        Count++;
    }

    public void Add(LatencyHistogram other)
    {
        for (var bucket = 0; bucket < _counts.Length; bucket++)
            _counts[bucket] += other._counts[bucket];

        Count += other.Count;
    }

    public void Clear()
    {
        Array.Clear(_counts);
        Count = 0;
    }

    public TimeSpan Percentile(double share)
    {
        var wanted = (long)Math.Ceiling(Count * share);
        var seen = 0L;
        for (var bucket = 0; bucket < _counts.Length; bucket++)
        {
            seen += _counts[bucket];
            if (seen >= wanted && seen > 0)
                return TimeSpan.FromMicroseconds(Middle(bucket) / 1e3);
        }

        return TimeSpan.Zero;
    }

    private static int Bucket(long nanoseconds)
    {
        if (nanoseconds < Steps)
            return (int)nanoseconds;

        var shift = BitOperations.Log2((ulong)nanoseconds) - StepBits;
        return Math.Min(42, shift + 1) * Steps + (int)(nanoseconds >> shift & (Steps - 1));
    }

    private static double Middle(int bucket)
    {
        if (bucket < Steps)
            return bucket;

        var shift = bucket / Steps - 1;
        return (Steps + bucket % Steps + 0.5) * (1L << shift);
    }
}
