using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Orleans.Mqtt.Silo;

/// <summary>How the embedded store keeps its files. Section "EmbeddedStore". Every default is fit for production.</summary>
internal sealed class EmbeddedStoreOptions
{
    public const string Section = "EmbeddedStore";

    /// <summary>
    /// The log is replaced by a new snapshot when it has grown by this much, or to the size of the last snapshot where
    /// that is more.
    /// </summary>
    [Range(1_048_576, 1_099_511_627_776)]
    public long LogLimitBytes { get; init; } = 64L * 1024 * 1024;

    /// <summary>How often the log is forced to the disk itself, and its size is looked at.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:01:00")]
    public TimeSpan UpkeepInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Answers only when the disk itself has the write. Without it an answered write survives the end of the process, and a
    /// loss of power may take the last <see cref="UpkeepInterval"/>.
    /// </summary>
    public bool SyncEachWrite { get; init; }
}

[OptionsValidator]
internal sealed partial class EmbeddedStoreOptionsValidator : IValidateOptions<EmbeddedStoreOptions>;
