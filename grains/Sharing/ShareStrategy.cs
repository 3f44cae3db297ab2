using System.IO.Hashing;
using Orleans.Mqtt.Messages;

namespace Orleans.Mqtt.Grains.Sharing;

/// <summary>Which member of a shared subscription gets a message. Who cannot take one more is passed over.</summary>
internal enum ShareStrategy
{
    /// <summary>Each in turn.</summary>
    RoundRobin,

    /// <summary>Any.</summary>
    Random,

    /// <summary>Always the same, until it goes.</summary>
    Sticky,

    /// <summary>The messages of one client go to one member.</summary>
    HashClient,

    /// <summary>The messages of one topic go to one member.</summary>
    HashTopic,

    /// <summary>Who has the fewest unacknowledged messages; for QoS 0, which knows no such thing, each in turn.</summary>
    LeastInFlight,
}

/// <summary>What the strategies come down to.</summary>
internal static class ShareStrategies
{
    /// <summary>Which of <paramref name="count"/> members to ask first.</summary>
    public static int Start(this ShareStrategy strategy, in MessageRecord record, ref int turn, int count) => strategy switch
    {
        ShareStrategy.Random => Random.Shared.Next(count),
        ShareStrategy.HashClient => PublisherNames.HashOf(record.Publisher) % count,
        ShareStrategy.HashTopic => (int)(XxHash3.HashToUInt64(record.Topic) % (uint)count),
        _ => (int)((uint)Interlocked.Increment(ref turn) % (uint)count),
    };
}
