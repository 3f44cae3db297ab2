using System.Globalization;
using System.Security.Cryptography;
using NATS.Client.Core;
using Orleans.Mqtt.Ingress;
using Orleans.Mqtt.Messages;

namespace Orleans.Mqtt.Silo.Nats;

/// <summary>A message as NATS is to have it.</summary>
/// <param name="Subject">Null when its topic cannot be one.</param>
/// <param name="Headers">What MQTT says beside.</param>
/// <param name="Payload">Borrowed from the run.</param>
/// <param name="IsEvent">It tells what has become of a client.</param>
internal readonly record struct Copy(string? Subject, NatsHeaders Headers, ReadOnlyMemory<byte> Payload, bool IsEvent);

/// <summary>Makes NATS messages of records.</summary>
internal sealed class CopyWriter(string prefix, string eventsPrefix, string cluster, TimeProvider time)
{
    // What has no publisher of its own, or no sequence, is numbered by this silo in this life.
    private readonly string _life = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(sizeof(ulong)));

    /// <param name="run">The run.</param>
    /// <param name="index">Which of its records.</param>
    /// <param name="at">Where in the block the record begins.</param>
    /// <param name="source">Whose it is.</param>
    public Copy Write(MirrorRun run, int index, int at, PublicationSource? source)
    {
        var record = new MessageRecord(run.Records.Bytes[at..]);
        var payload = run.Records.Memory.Slice(at + MessageRecord.HeaderSize + record.TopicLength, record.PayloadLength);
        var isEvent = source is null;
        var subject = SubjectMap.ToSubject(isEvent ? eventsPrefix : prefix, record.Topic);
        var headers = isEvent ? [] : MessageHeaders.Of(record, source!.ClientId, OriginOf(source), time.GetUtcNow());
        headers[MessageHeaders.MessageId] = IdentityOf(record, run.Number + (ulong)index);
        return new Copy(subject, headers, payload, isEvent);
    }

    /// <summary>
    /// The same for a message that comes again: from the publisher, from another silo, or from here. Sequences of QoS 1 and 2
    /// are counted apart. QoS 0 has none, and comes again from here only.
    /// </summary>
    private string IdentityOf(in MessageRecord record, ulong number) => record.Sequence == 0
        ? string.Create(CultureInfo.InvariantCulture, $"{_life}-{number}")
        : string.Create(
            CultureInfo.InvariantCulture,
            $"{record.Publisher:x16}-{(record.Has(RecordFlags.ExactlyOnce) ? 2 : 1)}-{record.Sequence:x16}");

    private string OriginOf(PublicationSource source) => source.Origin is null ? cluster : $"{source.Origin},{cluster}";
}
