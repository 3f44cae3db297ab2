namespace Orleans.Mqtt.Grains.Storage;

/// <summary>Retained messages by slice: topic bytes to record bytes.</summary>
internal sealed class RetainedStore(StoreConnection connection, StoreWriter writer)
    : HashStore(connection, writer, "retained");
