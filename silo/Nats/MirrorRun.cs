using System.Collections;
using Orleans.Mqtt.Ingress;
using Orleans.Mqtt.Messages;

namespace Orleans.Mqtt.Silo.Nats;

/// <summary>Records that leave for NATS together and are confirmed together. It fills while the one before it is on its way.</summary>
internal sealed class MirrorRun(ulong number)
{
    public const int MostMessages = 4_096;

    private const int MostBytes = 1024 * 1024;

    private BitArray? _done;

    /// <summary>The number of the first record among all that this silo has mirrored.</summary>
    public ulong Number => number;

    public RecordBlock Records { get; } = new();

    /// <summary>Whose records they are, one stretch after the other.</summary>
    public List<Stretch> Stretches { get; } = [];

    /// <summary>Those who acknowledge nothing before the run is safe.</summary>
    public List<TaskCompletionSource> Waiting { get; } = [];

    public bool IsFull => Records.Length >= MostBytes || Records.Count >= MostMessages;

    /// <summary>Records at the front that were on their way once: NATS may have them.</summary>
    public int Sent { get; set; }

    /// <summary>Records that will have no copy.</summary>
    public int Dropped { get; private set; }

    /// <summary>Whether nothing is left to do for a record.</summary>
    public bool IsDone(int index) => _done?[index] is true;

    public void Done(int index) => (_done ??= new BitArray(Records.Count))[index] = true;

    public void Drop(int index)
    {
        Done(index);
        Dropped++;
    }
}

/// <summary>Records of one source.</summary>
/// <param name="Source">Null: they are not messages but tell what has become of clients.</param>
/// <param name="Count">How many.</param>
internal readonly record struct Stretch(PublicationSource? Source, int Count);
