using System.Security.Cryptography;
using Orleans.Mqtt.Ingress;
using Orleans.Mqtt.Messages;

namespace Orleans.Mqtt.Silo.Nats;

/// <summary>
/// Messages from NATS as those of one publisher: numbered, so that inside the cluster one that is stored twice is told from
/// two. After a failure another one takes its place, as a client does by connecting again.
/// </summary>
internal sealed class InletIdentity(TimeProvider time, CancellationToken gone)
{
    // The highest bit marks the publishers of wills.
    private const ulong NotAWill = 0x7FFF_FFFF_FFFF_FFFF;

    private ulong _sequence = Sequences.FirstOf((time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond);
    private PublicationSource _source = new("", gone);

    public ulong Publisher { get; } = BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong))) & NotAWill | 1;

    public bool HasFailed { get; private set; }

    public ulong Next() => ++_sequence;

    /// <summary>The source of messages that have passed these clusters.</summary>
    public PublicationSource From(string? origin)
    {
        HasFailed |= _source.HasFailed;
        if (_source.Origin != origin)
            _source = new PublicationSource("", gone) { Origin = origin };
        return _source;
    }

    public void Fail() => HasFailed = true;
}
