using Orleans.Mqtt.Messages;

namespace Orleans.Mqtt.Ingress;

/// <summary>
/// The silo's end of a gateway's lane (key: any number that is the lane's own). It lives in the silo that the gateway is
/// connected to; when that is lost, the next call finds another.
/// </summary>
[Alias("mqtt.ingress")]
public interface IIngressGrain : IGrainWithIntegerKey
{
    /// <summary>
    /// Routes each segment, in order; the gateway has admitted them. Returns when everything that is to be acknowledged is
    /// as safe as <see cref="IIngress.Route"/> makes it. A lane has one call under way and repeats it, with the same
    /// sequence, when the outcome is unknown.
    /// </summary>
    [Alias("publish"), ResponseTimeout("00:00:10")]
    Task<IngressAnswer> Publish(PublicationEnvelope envelope);

    /// <summary>
    /// The same for an envelope of QoS 0 some of whose segments are only announced. A name of its own, for a silo that does not
    /// know of such envelopes must not take one.
    /// </summary>
    [Alias("announce"), ResponseTimeout("00:00:10")]
    Task<IngressAnswer> Announce(PublicationEnvelope envelope);
}

/// <summary>Batches of several publishers, side by side.</summary>
[GenerateSerializer, Immutable, Alias("mqtt.publication-envelope")]
public sealed record PublicationEnvelope
{
    [Id(0)]
    public required MessageBatch Records { get; init; }

    /// <summary>Whose records they are, a segment each.</summary>
    [Id(1)]
    public required string[] ClientIds { get; init; }

    /// <summary>Bytes of each segment.</summary>
    [Id(2)]
    public required int[] Lengths { get; init; }

    /// <summary>Records of each segment.</summary>
    [Id(3)]
    public required int[] Counts { get; init; }

    /// <summary>Rises with each envelope of a lane; the same again when it is repeated.</summary>
    [Id(4)]
    public long Sequence { get; init; }

    /// <summary>False for messages of QoS 0: nobody waits for them.</summary>
    [Id(5)]
    public bool IsAcknowledged { get; init; }

    /// <summary>The gateway, which keeps the records until it is answered and takes references to them; null: nobody does.</summary>
    [Id(6)]
    public string? Holder { get; init; }

    /// <summary>Which of the gateway's lanes it is.</summary>
    [Id(7)]
    public int Lane { get; init; }

    /// <summary>Whether the holder takes references with the answer; else they come before it.</summary>
    [Id(8)]
    public bool TakesReferences { get; init; }

    /// <summary>
    /// Segments that are only announced have here, for each run of messages on one topic, a record with the topic and nothing
    /// else. For each segment the bytes that the holder keeps of it; 0 when it is here itself. Null: all are.
    /// </summary>
    [Id(9)]
    public int[]? Announced { get; init; }
}

/// <summary>What became of an envelope.</summary>
[GenerateSerializer, Immutable, Alias("mqtt.ingress-answer")]
public sealed record IngressAnswer
{
    public static readonly IngressAnswer AllWell = new();

    /// <summary>One verdict (a reason code) for each record; null when all are well.</summary>
    [Id(0)]
    public byte[]? Verdicts { get; init; }

    /// <summary>Segments whose messages may be lost: nothing of them may be acknowledged. Null when there is none.</summary>
    [Id(1)]
    public bool[]? Failed { get; init; }

    /// <summary>
    /// The references: which records of its envelope the gateway is to deliver to its own subscribers, offset and length of each
    /// run of them. Null when there is none.
    /// </summary>
    [Id(2)]
    public int[]? References { get; init; }

    /// <summary>
    /// The numbers of the segments that have to come themselves, for somebody else is to have them, too. Null when there is none.
    /// </summary>
    [Id(3)]
    public int[]? Wanted { get; init; }
}
