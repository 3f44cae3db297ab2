using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Orleans.Mqtt.Gateway.Hosting.Admin;

/// <summary>Who may use the admin address, and what it shows. Section "Management".</summary>
internal sealed class AdminOptions
{
    public const string Section = "Management";

    /// <summary>
    /// Keys that open everything on the admin address but the health checks. Without one only this machine is served, and
    /// the address must be a loopback one.
    /// </summary>
    public IReadOnlyList<string> ApiKeys { get; init; } = [];

    /// <summary>Requests at a time, beyond which others are told to come back later.</summary>
    [Range(1, 100_000)]
    public int MaximumRequests { get; init; } = 200;

    /// <summary>Further meters to show at /metrics, such as "Microsoft.Orleans" or "Microsoft.AspNetCore.Server.Kestrel".</summary>
    public IReadOnlyList<string> Meters { get; init; } = [];
}

[OptionsValidator]
internal sealed partial class AdminOptionsValidator : IValidateOptions<AdminOptions>;
