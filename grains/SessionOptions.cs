using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Orleans.Mqtt.Grains;

/// <summary>What a full queue does with one message too many.</summary>
internal enum QueuePolicy
{
    /// <summary>The new message is not taken for this session.</summary>
    RejectNewest,

    /// <summary>The oldest message that was not sent yet makes room.</summary>
    DropOldest,
}

/// <summary>How sessions are kept. Section "Sessions".</summary>
internal sealed class SessionOptions
{
    public const string Section = "Sessions";

    /// <summary>Messages that wait for one persistent session, those in flight included.</summary>
    [Range(1, 10_000_000)]
    public int MaximumQueuedMessages { get; init; } = 100_000;

    /// <summary>What happens beyond that limit.</summary>
    public QueuePolicy WhenFull { get; init; } = QueuePolicy.RejectNewest;

    /// <summary>Also queue QoS 0 messages for persistent sessions that are away.</summary>
    public bool QueueQoS0 { get; init; }

    /// <summary>Messages of QoS 1 and 2 that may be unacknowledged towards one client.</summary>
    [Range(1, 32_766)]
    public int MaximumInFlight { get; init; } = 100;

    /// <summary>Messages of one queue that are held in memory; the rest stays in the store.</summary>
    [Range(16, 100_000)]
    public int MessagesInMemory { get; init; } = 512;

    /// <summary>How long a publisher's message may wait for a store that is away before the publisher is disconnected.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan StorePatience { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>
    /// How long the session of an MQTT 3.1.1 client that asked for one outlives its connection. Zero: for ever, as the
    /// standard has it.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "3650.00:00:00")]
    public TimeSpan ExpiryBefore5 { get; init; } = TimeSpan.Zero;

    /// <summary>
    /// Also store who is connected with a session that ends with its connection. Needed where a silo can be lost and its
    /// gateways live on; the default is then true.
    /// </summary>
    public bool StoreEphemeral { get; init; }

    /// <summary>Idle sessions that a silo with more than its share moves to others in a second. 0: none.</summary>
    [Range(0, 10_000)]
    public int RebalanceRate { get; init; } = 50;

    /// <summary>How often a silo looks whether it has more than its share.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "01:00:00")]
    public TimeSpan RebalanceInterval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a session must have been left alone to be moved.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "1.00:00:00")]
    public TimeSpan RebalanceIdle { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Publishers of QoS 2 that one session remembers to tell repeated messages from new ones.</summary>
    [Range(16, 1_000_000)]
    public int RememberedPublishers { get; init; } = 1_000;
}

[OptionsValidator]
internal sealed partial class SessionOptionsValidator : IValidateOptions<SessionOptions>;
