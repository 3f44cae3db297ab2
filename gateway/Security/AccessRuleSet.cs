using System.Text;
using Orleans.Mqtt.Protocol.Topics;
using Orleans.Mqtt.Security;

namespace Orleans.Mqtt.Gateway.Security;

/// <summary>All rules that are in force, in their order.</summary>
internal sealed class AccessRuleSet
{
    private readonly AccessRule[] _rules;
    private readonly bool _isAllowedByDefault;
    private readonly ClientRules? _forEveryone;

    private AccessRuleSet(AccessRule[] rules, AccessDefault byDefault)
    {
        _rules = rules;
        _isAllowedByDefault = byDefault is AccessDefault.Allow;
        if (Array.TrueForAll(rules, rule => rule.IsForEveryone))
            _forEveryone = new ClientRules(rules.Select(rule => (rule, rule.Pattern)), _isAllowedByDefault);
    }

    /// <summary>Whether everything is allowed.</summary>
    public bool IsEmpty => _rules.Length == 0 && _isAllowedByDefault;

    /// <exception cref="FormatException">A line of the file is no rule.</exception>
    public static AccessRuleSet Read(AccessOptions options)
    {
        var rules = options.Rules.Select(AccessRule.Parse).ToList();
        if (options.RulesFile is { } path)
            rules.AddRange(Lines(path));

        var hasRules = rules.Count > 0 || options.RulesFile is not null;
        return new AccessRuleSet([.. rules], options.Default ?? (hasRules ? AccessDefault.Deny : AccessDefault.Allow));
    }

    /// <summary>The rules that are about this client, its names put in.</summary>
    public ClientRules CompileFor(ClientIdentity client)
    {
        if (client.IsSuperuser)
            return ClientRules.Superuser;
        if (_forEveryone is not null)
            return _forEveryone;

        var about = _rules
            .Select(rule => (Rule: rule, Filter: rule.FilterFor(client)))
            .Where(each => each.Filter is not null)
            .Select(each => (each.Rule, each.Filter!));
        return new ClientRules(about, _isAllowedByDefault);
    }

    private static IEnumerable<AccessRule> Lines(string path)
    {
        var number = 0;
        foreach (var line in File.ReadLines(path))
        {
            number++;
            if (line.Trim() is { Length: > 0 } text && text[0] != '#')
                yield return AccessRule.TryParse(text) ?? throw new FormatException($"line {number} is not {AccessRule.Form}");
        }
    }
}

/// <summary>The rules as they are for one client: nothing is left to be looked up when it publishes.</summary>
internal sealed class ClientRules
{
    public static readonly ClientRules Superuser = new([], isAllowedByDefault: true);

    private readonly (byte[] Filter, bool IsAllowed)[] _publish;
    private readonly (string Filter, bool IsAllowed)[] _subscribe;
    private readonly bool _isAllowedByDefault;

    public ClientRules(IEnumerable<(AccessRule Rule, string Filter)> rules, bool isAllowedByDefault)
    {
        var all = rules.ToArray();
        _publish =
        [
            .. all.Where(each => each.Rule.Actions.HasFlag(AccessActions.Publish))
                .Select(each => (Encoding.UTF8.GetBytes(each.Filter), each.Rule.IsAllowed)),
        ];
        _subscribe =
        [
            .. all.Where(each => each.Rule.Actions.HasFlag(AccessActions.Subscribe))
                .Select(each => (each.Filter, each.Rule.IsAllowed)),
        ];
        _isAllowedByDefault = isAllowedByDefault;
    }

    public bool MayPublish(ReadOnlySpan<byte> topic)
    {
        foreach (var (filter, isAllowed) in _publish)
        {
            if (TopicMatcher.Matches(filter, topic))
                return isAllowed;
        }

        return _isAllowedByDefault;
    }

    /// <summary>
    /// Deliveries are not judged again, so all that a subscription could bring must be allowed: a rule that allows must cover
    /// all of it, one that denies need only touch it.
    /// </summary>
    public bool MaySubscribe(string filter)
    {
        foreach (var (ruled, isAllowed) in _subscribe)
        {
            if (isAllowed ? Filters.Covers(ruled, filter) : Filters.Overlap(ruled, filter))
                return isAllowed;
        }

        return _isAllowedByDefault;
    }
}
