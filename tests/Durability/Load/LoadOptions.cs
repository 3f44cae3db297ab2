namespace Orleans.Mqtt.Tests.Durability.Load;

/// <summary>How hard the clients press.</summary>
internal sealed record LoadOptions
{
    public int Seed { get; init; }

    /// <summary>Messages of one publisher that may be unacknowledged.</summary>
    public int Window { get; init; } = 20;

    /// <summary>Messages of one publisher a second, at most.</summary>
    public int Rate { get; init; } = 1_000;

    /// <summary>Messages of one publisher in all; those of the end, see <see cref="LoadPublisher"/>, apart.</summary>
    public int Limit { get; init; } = int.MaxValue;

    /// <summary>One packet in so many makes the client drop its connection, or leave for a while if it is of that kind.</summary>
    public int Loyalty { get; init; } = 4_000;
}
