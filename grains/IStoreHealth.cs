namespace Orleans.Mqtt.Grains;

/// <summary>Whether the store can be reached.</summary>
public interface IStoreHealth
{
    bool IsUp { get; }
}
