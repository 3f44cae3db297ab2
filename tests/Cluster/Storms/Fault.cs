namespace Orleans.Mqtt.Tests.Cluster.Storms;

/// <summary>What can be done to a cluster.</summary>
internal enum FaultKind
{
    KillSilo,
    KillGateway,
    KillRedis,
    PauseSilo,
    PauseGateway,
    PauseRedis,

    /// <summary>SIGTERM, which is no fault but must not look like one either.</summary>
    DrainSilo,
    DrainGateway,

    /// <summary>Nothing reaches the silo from other silos and gateways, though it reaches them.</summary>
    CutSilo,
    SlowSilo,
    CutSiloFromRedis,
    CutGatewayFromRedis,
}

/// <summary>One thing that is done to a cluster, for how long, and how long it is until the next.</summary>
internal sealed record Fault(FaultKind Kind, int Target, TimeSpan Lasts, TimeSpan Gap, bool Resets)
{
    public bool IsOnSilo => Kind is FaultKind.KillSilo or FaultKind.PauseSilo or FaultKind.DrainSilo
        or FaultKind.CutSilo or FaultKind.SlowSilo or FaultKind.CutSiloFromRedis;

    public bool IsOnGateway => Kind is FaultKind.KillGateway or FaultKind.PauseGateway or FaultKind.DrainGateway
        or FaultKind.CutGatewayFromRedis;

    public override string ToString() =>
        $"{Kind}{(IsOnSilo || IsOnGateway ? $" {Target}" : "")} for {Lasts.TotalSeconds:0.0} s{(Resets ? ", then reset" : "")}";
}
