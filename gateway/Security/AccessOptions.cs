using Microsoft.Extensions.Options;

namespace Orleans.Mqtt.Gateway.Security;

/// <summary>Who may say and hear what. Section "Access".</summary>
internal sealed class AccessOptions
{
    public const string Section = "Access";

    /// <summary>
    /// What nobody may do: "publish FILTER", "subscribe FILTER" or "all FILTER". To publish is denied when the topic matches
    /// the filter, to subscribe when everything that the subscription asks for does.
    /// </summary>
    public IReadOnlyList<string> Deny { get; init; } = [];

    /// <summary>
    /// "allow|deny USER|@ROLE|* publish|subscribe|all FILTER", of which the first that applies decides; %c and %u in the
    /// filter are the client's identifier and its user name.
    /// </summary>
    public IReadOnlyList<string> Rules { get; init; } = [];

    /// <summary>A file with more of them, one a line, which come after; read again when it changes.</summary>
    public string? RulesFile { get; init; }

    /// <summary>What holds where no rule applies. Unless set: Allow without rules, Deny with them.</summary>
    public AccessDefault? Default { get; init; }
}

/// <summary>What a client may do that no rule speaks of.</summary>
internal enum AccessDefault
{
    Allow,
    Deny,
}

/// <summary>Reads all rules before anything starts.</summary>
internal sealed class AccessCheck : IValidateOptions<AccessOptions>
{
    public ValidateOptionsResult Validate(string? name, AccessOptions options)
    {
        if (options.Deny.FirstOrDefault(rule => DenyRule.TryParse(rule) is null) is { } denial)
            return ValidateOptionsResult.Fail($"Access:Deny: '{denial}' is not \"publish|subscribe|all FILTER\".");
        if (options.Rules.FirstOrDefault(rule => AccessRule.TryParse(rule) is null) is { } wrong)
            return ValidateOptionsResult.Fail($"Access:Rules: '{wrong}' is not {AccessRule.Form}.");

        return options.RulesFile is { } path
            ? Files.FileCheck.Of("Access:RulesFile", path, () => AccessRuleSet.Read(options))
            : ValidateOptionsResult.Success;
    }
}
