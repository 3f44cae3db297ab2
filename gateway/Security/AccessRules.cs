using System.Text;
using Microsoft.Extensions.Options;
using Orleans.Mqtt.Protocol;
using Orleans.Mqtt.Protocol.Topics;
using Orleans.Mqtt.Security;

namespace Orleans.Mqtt.Gateway.Security;

/// <summary>Denies by topic filter; what no rule denies is allowed.</summary>
internal sealed class AccessRules : IAuthorizer
{
    private readonly byte[][] _publish;
    private readonly string[] _subscribe;

    public AccessRules(IOptions<AccessOptions> options)
    {
        var rules = options.Value.Deny.Select(AccessRule.Parse).ToArray();
        _publish = [.. rules.Where(rule => rule.ForPublish).Select(rule => Encoding.UTF8.GetBytes(rule.Filter))];
        _subscribe = [.. rules.Where(rule => rule.ForSubscribe).Select(rule => rule.Filter)];
    }

    public bool MayPublish(ClientIdentity client, ReadOnlySpan<byte> topic)
    {
        foreach (var filter in _publish)
        {
            if (TopicMatcher.Matches(filter, topic))
                return false;
        }

        return true;
    }

    public bool MaySubscribe(ClientIdentity client, string filter, QoS qos) =>
        !Array.Exists(_subscribe, denied => AccessRule.Covers(denied, filter));
}

/// <summary>One rule of the settings.</summary>
internal sealed record AccessRule(bool ForPublish, bool ForSubscribe, string Filter)
{
    public static AccessRule Parse(string text) =>
        TryParse(text) ?? throw new FormatException($"'{text}' is not \"publish|subscribe|all FILTER\".");

    public static AccessRule? TryParse(string text)
    {
        var parts = text.Split(' ', 2, StringSplitOptions.TrimEntries);
        if (parts.Length < 2 || !TopicFilter.IsValid(parts[1]))
            return null;

        return parts[0] switch
        {
            "publish" => new AccessRule(true, false, parts[1]),
            "subscribe" => new AccessRule(false, true, parts[1]),
            "all" => new AccessRule(true, true, parts[1]),
            _ => null,
        };
    }

    /// <summary>True when every topic that <paramref name="asked"/> matches, <paramref name="denied"/> matches, too.</summary>
    public static bool Covers(string denied, string asked)
    {
        // A wildcard in the first level does not match what begins with '$'. [MQTT-4.7.2-1] Elsewhere "+/#" there is "#".
        if (asked[0] == '$' && denied[0] is '+' or '#')
            return false;
        if (denied == "+/#")
            return true;

        var rule = denied.Split('/');
        var wish = asked.Split('/');
        for (var level = 0; ; level++)
        {
            if (level < rule.Length && rule[level] == "#")
                return true;
            if (level == rule.Length || level == wish.Length)
                return level == rule.Length && level == wish.Length;
            if (wish[level] == "#" || (rule[level] != "+" && rule[level] != wish[level]))
                return false;
        }
    }
}
