using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Orleans.Mqtt.Silo.Management;

/// <summary>What a silo offers on its admin address beside what every process does. Section "Management".</summary>
internal sealed class ManagementOptions
{
    public const string Section = "Management";

    /// <summary>Largest payload that may be published over HTTP, in bytes.</summary>
    [Range(128, 268_435_455)]
    public int MaximumPayload { get; init; } = 1024 * 1024;

    /// <summary>Show the Orleans dashboard at /dashboard, to this machine. Either all silos of a cluster have it or none.</summary>
    public bool Dashboard { get; init; } = true;
}

[OptionsValidator]
internal sealed partial class ManagementOptionsValidator : IValidateOptions<ManagementOptions>;
