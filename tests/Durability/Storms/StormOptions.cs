namespace Orleans.Mqtt.Tests.Durability.Storms;

/// <summary>What a storm does to a broker.</summary>
internal sealed record StormOptions
{
    /// <summary>How often a process is killed under load.</summary>
    public int Kills { get; init; } = 4;

    /// <summary>Gives the same storm again, as far as clocks allow.</summary>
    public int Seed { get; init; } = Random.Shared.Next(1, 1_000_000);

    /// <summary>On a redis-server, which is killed as well, in place of the embedded store.</summary>
    public bool OnRedis { get; init; }

    /// <summary>The embedded store replaces its log by a snapshot all the time, and is killed when it begins to.</summary>
    public bool CutsTheLog { get; init; }

    /// <summary>Messages of one publisher a second, at most.</summary>
    public int Rate { get; init; } = 1_000;
}
