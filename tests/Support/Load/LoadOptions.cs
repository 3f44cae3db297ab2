namespace Orleans.Mqtt.Tests.Support.Load;

/// <summary>How hard the clients press.</summary>
internal sealed record LoadOptions
{
    public int Seed { get; init; }

    /// <summary>Messages of one publisher that may be unacknowledged.</summary>
    public int Window { get; init; } = 20;

    /// <summary>Messages of one publisher a second, at most.</summary>
    public double Rate { get; init; } = 1_000;

    /// <summary>Messages of one publisher in all; those of the end, see <see cref="LoadPublisher"/>, apart.</summary>
    public int Limit { get; init; } = int.MaxValue;

    /// <summary>One packet in so many makes the client drop its connection, or leave for a while if it is of that kind.</summary>
    public int Loyalty { get; init; } = 4_000;

    /// <summary>About how long a client waits before it comes again.</summary>
    public TimeSpan Pause { get; init; } = TimeSpan.FromMilliseconds(20);

    /// <summary>How long a client waits for its CONNACK before it goes away and comes again.</summary>
    public TimeSpan ConnectPatience { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>A broker that says nothing for so long, although it owes something, is stuck.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(60);
}
