namespace Orleans.Mqtt.Grains.Sharing;

/// <summary>How shared subscriptions choose. Section "Sharing".</summary>
internal sealed class SharingOptions
{
    public const string Section = "Sharing";

    /// <summary>Which member gets a message.</summary>
    public ShareStrategy Strategy { get; init; } = ShareStrategy.RoundRobin;

    /// <summary>Another strategy for some of them, by share name.</summary>
    public Dictionary<string, ShareStrategy> ByName { get; init; } = [];

    public ShareStrategy Of(string shareName) => ByName.TryGetValue(shareName, out var own) ? own : Strategy;
}
