namespace Orleans.Mqtt.Grains;

/// <summary>Whether the store answers.</summary>
public interface IStoreHealth
{
    bool IsUp { get; }

    /// <summary>Whether a failure is the store's, so that it will pass.</summary>
    bool Explains(Exception failure);

    /// <summary>How long it has been answering; zero while it does not.</summary>
    TimeSpan UpFor { get; }
}
