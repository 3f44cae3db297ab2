using Orleans.Mqtt.Messages;
using Orleans.Mqtt.Protocol;

namespace Orleans.Mqtt.Grains.Sessions;

/// <summary>What a queue says to each message that comes in.</summary>
internal static class Verdicts
{
    /// <summary>One a record, null when all are well. The records are a copy: their positions are those of one queue alone.</summary>
    public static ReasonCode[]? Of(MessageBatch batch, Func<Memory<byte>, ReasonCode> accept)
    {
        ReasonCode[]? verdicts = null;
        var owned = batch.Bytes.ToArray();
        var at = 0;
        for (var i = 0; i < batch.Count; i++)
        {
            var bytes = owned.AsMemory(at, RecordEnumerator.LengthAt(owned, at));
            at += bytes.Length;
            var verdict = accept(bytes);
            if (verdict is not ReasonCode.Success)
                (verdicts ??= new ReasonCode[batch.Count])[i] = verdict;
        }

        return verdicts;
    }
}
