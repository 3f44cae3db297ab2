using Orleans.Mqtt.Tests.Bench.Wire;

namespace Orleans.Mqtt.Tests.Bench.Load;

/// <summary>An account of what is heard, to be compared with what was sent.</summary>
internal interface IAudit
{
    /// <summary>How many more messages of the publisher are now accounted for, delivered or passed over.</summary>
    /// <param name="payload">What was heard.</param>
    /// <param name="isNew">Meant for us, and not heard before.</param>
    long Take(in Payload payload, out bool isNew);

    void NoteMisdelivered();

    /// <param name="sent">How many messages each stream was given.</param>
    Faults Close(Func<int, long> sent);
}
