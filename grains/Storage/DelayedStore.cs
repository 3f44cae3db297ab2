namespace Orleans.Mqtt.Grains.Storage;

/// <summary>Delayed messages by slice, and what is being published of them, as opaque fields.</summary>
internal sealed class DelayedStore(StoreConnection connection, StoreWriter writer)
    : HashStore(connection, writer, "delayed");
