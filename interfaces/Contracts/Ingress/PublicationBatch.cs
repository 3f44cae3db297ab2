using Orleans.Mqtt.Messages;
using Orleans.Mqtt.Protocol;

namespace Orleans.Mqtt.Ingress;

/// <summary>What one publisher said, on its way in, with room for one verdict a message. Pooled by its owner.</summary>
public sealed class PublicationBatch
{
    private readonly Lock _judging = new(); // sessions answer from many threads
    private ReasonCode[] _verdicts = [];

    public RecordBlock Records { get; init; } = new();

    /// <summary>When the gateway of its source has the records, too.</summary>
    public HeldRecords? Held { get; init; }

    public PublicationSource Source { get; set; } = PublicationSource.Broker;

    /// <summary>True when a record is to be kept as a retained message.</summary>
    public bool HasRetained { get; set; }

    public int Count => Records.Count;

    /// <summary>The answer to the message at <paramref name="index"/>.</summary>
    public ReasonCode this[int index]
    {
        get => index < _verdicts.Length ? _verdicts[index] : ReasonCode.Success;
        set
        {
            lock (_judging)
            {
                if (index >= _verdicts.Length)
                    Array.Resize(ref _verdicts, Math.Max(index + 1, Count));
                _verdicts[index] = value;
            }
        }
    }

    /// <summary>Makes the batch as good as new.</summary>
    public void Clear()
    {
        Records.Clear();
        Array.Clear(_verdicts);
        Source = PublicationSource.Broker;
        HasRetained = false;
    }
}
