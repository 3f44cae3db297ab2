namespace Orleans.Mqtt.Grains.Storage;

/// <summary>Routes by slice: who wants what matches which filter, as opaque fields.</summary>
internal sealed class RouteStore(StoreConnection connection, StoreWriter writer)
    : HashStore(connection, writer, "routes");
