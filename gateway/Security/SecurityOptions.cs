using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Orleans.Mqtt.Gateway.Security;

/// <summary>Who may come in. Section "Security".</summary>
internal sealed class SecurityOptions
{
    public const string Section = "Security";

    /// <summary>Users and their hashed passwords; read again when it changes. Switch: --password-file.</summary>
    [MinLength(1)]
    public string? PasswordFile { get; init; }

    /// <summary>
    /// Whether clients may come in without proving who they are. Unless set: from this machine only, and only without a
    /// password file. Switch: --allow-anonymous.
    /// </summary>
    public bool? AllowAnonymous { get; init; }

    /// <summary>An assembly with an own IAuthenticator, IAuthenticationMethod or IAuthorizer, or several of them.</summary>
    [MinLength(1)]
    public string? Provider { get; init; }

    /// <summary>Passwords that are checked at once, a core each.</summary>
    [Range(1, 256)]
    public int MaximumHashing { get; init; } = Math.Max(1, Environment.ProcessorCount / 2);

    /// <summary>Clients that may wait for the verdict on their login; beyond, they are told that the server is busy.</summary>
    [Range(1, 1_000_000)]
    public int MaximumWaitingLogins { get; init; } = 5_000;

    /// <summary>Failed logins of one address; beyond, it is refused before its password is looked at.</summary>
    [Range(1, 1_000_000)]
    public int MaximumFailuresPerMinute { get; init; } = 30;
}

[OptionsValidator]
internal sealed partial class SecurityOptionsValidator : IValidateOptions<SecurityOptions>;

/// <summary>Looks into the password file before anything starts.</summary>
internal sealed class PasswordFileCheck : IValidateOptions<SecurityOptions>
{
    public ValidateOptionsResult Validate(string? name, SecurityOptions options) => options.PasswordFile is { } path
        ? Files.FileCheck.Of("Security:PasswordFile", path, () => PasswordFile.Read(path))
        : ValidateOptionsResult.Success;
}
