using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Orleans.Mqtt.Grains.Ingress;

/// <summary>What application code may ask of a silo. Section "Applications".</summary>
internal sealed class ApplicationOptions
{
    public const string Section = "Applications";

    /// <summary>Messages of applications that one silo has under way; what comes beyond is refused with QuotaExceeded.</summary>
    [Range(1, 1_000_000)]
    public int MaximumUnanswered { get; init; } = 10_000;

    /// <summary>Files of assemblies whose grains a silo takes in.</summary>
    public string[] Assemblies { get; init; } = [];
}

[OptionsValidator]
internal sealed partial class ApplicationOptionsValidator : IValidateOptions<ApplicationOptions>;
