using System.Text;
using Orleans.Mqtt.Protocol.Topics;
using Orleans.Mqtt.Security;

namespace Orleans.Mqtt.Gateway.Security;

/// <summary>One rule of Access:Rules: whom it is about, what, where, and what it says.</summary>
internal sealed record AccessRule(bool IsAllowed, string Who, AccessActions Actions, string Pattern)
{
    public const string Form = "\"allow|deny USER|@ROLE|* publish|subscribe|all FILTER\"";

    private const string Everyone = "*";
    private const string Anonymous = "@anonymous";
    private const string Authenticated = "@authenticated";
    /// <summary>Whether every client gets the same out of it.</summary>
    public bool IsForEveryone => Who == Everyone && !HasPlaceholder;

    private bool HasPlaceholder =>
        Pattern.Contains("%c", StringComparison.Ordinal) || Pattern.Contains("%u", StringComparison.Ordinal);

    public static AccessRule Parse(string text) =>
        TryParse(text) ?? throw new FormatException($"'{text}' is not {Form}");

    /// <summary>A user name with spaces stands in double quotes.</summary>
    public static AccessRule? TryParse(string text)
    {
        var (verdict, rest) = CutWord(text.Trim());
        var (who, afterWho) = CutWord(rest);
        var (action, pattern) = CutWord(afterWho);
        if (verdict is not ("allow" or "deny") || who.Length == 0 || DenyRule.TryParseAction(action) is not { } actions)
            return null;

        return TopicFilter.IsValid(pattern) ? new AccessRule(verdict == "allow", who, actions, pattern) : null;
    }

    /// <summary>The filter as it is for this client; null when the rule is not about it.</summary>
    public string? FilterFor(ClientIdentity client)
    {
        if (!IsAbout(client))
            return null;
        return HasPlaceholder ? Fill(client) : Pattern;
    }

    private bool IsAbout(ClientIdentity client) => Who switch
    {
        Everyone => true,
        Anonymous => !client.IsAuthenticated,
        Authenticated => client.IsAuthenticated,
        ['@', .. var role] => client.IsAuthenticated && client.Roles.Contains(role),
        _ => client.IsAuthenticated && client.UserName == Who,
    };

    // In one pass: what a name brings along is never taken for a placeholder.
    private string? Fill(ClientIdentity client)
    {
        var filter = new StringBuilder();
        for (var at = 0; at < Pattern.Length; at++)
        {
            var name = Pattern.AsSpan(at) switch
            {
                ['%', 'c', ..] => client.ClientId,
                ['%', 'u', ..] => client.IsAuthenticated ? client.UserName ?? "" : "",
                _ => null,
            };
            if (name is null)
            {
                filter.Append(Pattern[at]);
                continue;
            }

            if (!IsHarmless(name))
                return null;
            filter.Append(name);
            at++;
        }

        return filter.ToString();
    }

    // A client chooses its name. One that would widen the filter, or lead into $SYS and the like, is never put in.
    private static bool IsHarmless(string name) => name is [not '$', ..] && !name.AsSpan().ContainsAny('+', '#', '/');

    private static (string Word, string Behind) CutWord(string text)
    {
        if (text is ['"', ..] && text.IndexOf('"', 1) is > 0 and var quote)
            return (text[1..quote], text[(quote + 1)..].TrimStart());

        var space = text.IndexOf(' ', StringComparison.Ordinal);
        return space < 0 ? (text, "") : (text[..space], text[space..].TrimStart());
    }
}
