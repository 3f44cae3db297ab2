using System.Globalization;

namespace Orleans.Mqtt.Tests.Bench.Load;

/// <summary>How a publisher publishes.</summary>
internal sealed record PublisherPlan
{
    public required int Number { get; init; }

    public required byte QoS { get; init; }

    /// <summary>The topic, or with a <see cref="TopicEnd"/> what stands before its number.</summary>
    public required string Topic { get; init; }

    /// <summary>What stands behind the number of the topic.</summary>
    public string TopicEnd { get; init; } = "";

    /// <summary>How many topics it goes through, over and over.</summary>
    public int Topics { get; init; } = 1;

    /// <summary>From the number in one topic to that in the next, round about; a prime number scatters them.</summary>
    public int Stride { get; init; } = 1;

    public bool IsRetained { get; init; }

    /// <summary>With user properties, and with the topic in the first message only. MQTT 5.</summary>
    public bool HasProperties { get; init; }

    public required int PayloadSize { get; init; }

    /// <summary>Messages that may be on their way to subscribers; 0 if nobody listens.</summary>
    public int Window { get; init; }

    /// <summary>Messages that may be unacknowledged.</summary>
    public required int InFlight { get; init; }

    /// <summary>How many subscribers hear each message.</summary>
    public int Hearers { get; init; } = 1;

    /// <summary>With an end there is a number before it.</summary>
    public bool IsNumbered => TopicEnd.Length > 0;

    public string TopicName(int topic) =>
        IsNumbered ? string.Create(CultureInfo.InvariantCulture, $"{Topic}{topic:D7}{TopicEnd}") : Topic;
}
