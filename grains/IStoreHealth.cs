namespace Orleans.Mqtt.Grains;

/// <summary>Whether the store answers.</summary>
public interface IStoreHealth
{
    bool IsUp { get; }

    /// <summary>How long it has been answering; zero while it does not.</summary>
    TimeSpan UpFor { get; }
}
