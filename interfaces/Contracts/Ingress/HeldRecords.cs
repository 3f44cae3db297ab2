using Orleans.Mqtt.Messages;

namespace Orleans.Mqtt.Ingress;

/// <summary>
/// The records of an envelope that its gateway keeps until it is answered: what the gateway itself is to have of them goes
/// back as a reference.
/// </summary>
public sealed class HeldRecords(
    string gatewayId, int lane, long sequence, ReadOnlyMemory<byte> records, bool isTakenWithAnswer = false)
{
    public string GatewayId => gatewayId;

    /// <summary>Those that go with the answer, offset and length of each; null when they go before it.</summary>
    public List<int>? WithAnswer { get; } = isTakenWithAnswer ? [] : null;

    /// <summary>Sends the references; called once, when all of the envelope is routed: so they are one batch.</summary>
    public Action? Send { get; set; }

    /// <summary>Ends when the references that were made so far have arrived; the envelope is not answered before.</summary>
    public Task Delivered { get; set; } = Task.CompletedTask;

    /// <summary>Bytes that the gateway has before the next record, and that are not here: they were only announced.</summary>
    public int Announced { get; set; }

    /// <summary>False for a record that is not the envelope's, such as a copy that was made of it.</summary>
    public bool TryRefer(in MessageRecord record, out RecordReference reference)
    {
        var isHeld = records.Span.Overlaps(record.Bytes, out var offset);
        reference = isHeld ? new RecordReference(lane, sequence, Announced + offset, record.Length) : default;
        return isHeld;
    }
}
