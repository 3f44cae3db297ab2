namespace Orleans.Mqtt.Tests.Store;

/// <summary>The stores that must behave alike.</summary>
public enum StoreKind
{
    Redis,
    Embedded,
}
