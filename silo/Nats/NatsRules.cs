using Microsoft.Extensions.Options;

namespace Orleans.Mqtt.Silo.Nats;

/// <summary>What must hold between settings of NATS.</summary>
internal sealed class NatsRules : IValidateOptions<NatsOptions>
{
    public ValidateOptionsResult Validate(string? name, NatsOptions options)
    {
        var mistakes = new List<string>();
        if (options is { Required: true, JetStream: false })
            mistakes.Add("Nats:Required needs Nats:JetStream: only a stream acknowledges.");
        if (options is { Required: true, Prefix: "" })
            mistakes.Add("Nats:Required needs a Nats:Prefix.");

        string[] prefixes = [options.Prefix, options.EventsPrefix, options.InPrefix];
        var used = prefixes.Where(prefix => prefix.Length > 0).ToArray();
        if (used.Where((one, index) => used[(index + 1)..].Any(other => Overlap(one, other))).Any())
            mistakes.Add("Nats:Prefix, Nats:EventsPrefix and Nats:InPrefix must not lie within one another.");

        if (options.CertificateFile is null != options.KeyFile is null)
            mistakes.Add("Nats:CertificateFile and Nats:KeyFile need each other.");

        string?[] ways = [options.User, options.Token, options.CredentialsFile, options.NKeySeed, options.NKeyFile];
        if (ways.Count(way => !string.IsNullOrEmpty(way)) > 1)
            mistakes.Add("Nats: one way to log in at most: User, Token, CredentialsFile, NKeySeed or NKeyFile.");
        return mistakes.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(mistakes);
    }

    private static bool Overlap(string one, string other) =>
        $"{one}.".StartsWith($"{other}.", StringComparison.Ordinal) || $"{other}.".StartsWith($"{one}.", StringComparison.Ordinal);
}
