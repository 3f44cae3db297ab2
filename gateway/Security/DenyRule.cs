using Orleans.Mqtt.Protocol.Topics;

namespace Orleans.Mqtt.Gateway.Security;

/// <summary>What a rule is about.</summary>
[Flags]
internal enum AccessActions
{
    None = 0,
    Publish = 1,
    Subscribe = 2,
    All = Publish | Subscribe,
}

/// <summary>One entry of Access:Deny, which binds everybody.</summary>
internal sealed record DenyRule(AccessActions Actions, string Filter)
{
    public static DenyRule Parse(string text) =>
        TryParse(text) ?? throw new FormatException($"'{text}' is not \"publish|subscribe|all FILTER\".");

    public static DenyRule? TryParse(string text)
    {
        var parts = text.Split(' ', 2, StringSplitOptions.TrimEntries);
        return parts.Length == 2 && TryParseAction(parts[0]) is { } actions && TopicFilter.IsValid(parts[1])
            ? new DenyRule(actions, parts[1])
            : null;
    }

    public static AccessActions? TryParseAction(string word) => word switch
    {
        "publish" => AccessActions.Publish,
        "subscribe" => AccessActions.Subscribe,
        "all" => AccessActions.All,
        _ => null,
    };
}
