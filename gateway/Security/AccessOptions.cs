namespace Orleans.Mqtt.Gateway.Security;

/// <summary>The first form of the access rules. Section "Access".</summary>
internal sealed class AccessOptions
{
    public const string Section = "Access";

    /// <summary>
    /// What nobody may do: "publish FILTER", "subscribe FILTER" or "all FILTER". To publish is denied when the topic matches
    /// the filter, to subscribe when everything that the subscription asks for does.
    /// </summary>
    public IReadOnlyList<string> Deny { get; init; } = [];
}
