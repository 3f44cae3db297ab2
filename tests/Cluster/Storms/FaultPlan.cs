namespace Orleans.Mqtt.Tests.Cluster.Storms;

/// <summary>The faults of a storm: without end, and always the same for one seed.</summary>
internal sealed class FaultPlan(StormOptions options)
{
    private readonly Random _random = new(options.Seed);

    public IEnumerable<Fault> All()
    {
        while (true)
        {
            var kind = options.Kinds[_random.Next(options.Kinds.Count)];
            var fault = new Fault(kind, 0, LengthOf(kind), Seconds(0.5, 5), _random.Next(2) == 0);
            yield return fault with
            {
                Target = fault.IsOnSilo ? _random.Next(options.Plan.Silos)
                    : fault.IsOnGateway ? _random.Next(options.Plan.Gateways)
                    : 0,
            };
        }
    }

    /// <summary>Shorter and longer than what notices it: failure detection of 3 s, a lease of 4 s, store time-outs of 5 s.</summary>
    private TimeSpan LengthOf(FaultKind kind) => kind switch
    {
        FaultKind.KillSilo or FaultKind.KillGateway or FaultKind.DrainSilo or FaultKind.DrainGateway => Seconds(0, 6),
        FaultKind.KillRedis => Seconds(0, 3),
        FaultKind.SlowSilo => Seconds(3, 12),
        _ => _random.Next(2) == 0 ? Seconds(0.2, 3) : Seconds(3, 12),
    };

    private TimeSpan Seconds(double from, double to) => TimeSpan.FromSeconds(from + (_random.NextDouble() * (to - from)));
}
