using Orleans.Mqtt.Storage;
using StackExchange.Redis;

namespace Orleans.Mqtt.Grains.Storage;

/// <summary>A few commands of one caller that travel in a shared pipeline. It is its own completion source, to save objects.</summary>
internal abstract class StoreWrite(int size)
    : TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)
{
    /// <summary>Roughly the bytes it puts on the wire.</summary>
    public int Size { get; } = size;

    /// <summary>Told to all of a pipeline, in order, before any of them is sent: those that must not be parted find each other.</summary>
    public virtual void Join()
    {
    }

    /// <summary>Starts the commands, without waiting between them.</summary>
    public abstract void Send(IDatabase database);

    /// <summary>Waits for the answers; throws what the store said.</summary>
    public abstract ValueTask Answers();

    /// <summary>All answers of the pipeline are here: tells the caller.</summary>
    public virtual void Finish() => TrySetResult();

    /// <summary>The outcome is unknown, or it was refused.</summary>
    public virtual void Fail(StoreUnavailableException failure) => TrySetException(failure);
}
