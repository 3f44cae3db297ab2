namespace Orleans.Mqtt.Grains;

/// <summary>Whether the store can be reached.</summary>
public interface IStoreHealth
{
    bool IsUp { get; }

    /// <summary>Whether a failure is the store's, so that it will pass.</summary>
    bool Explains(Exception failure);
}
