using Microsoft.Extensions.Options;
using Orleans.Mqtt.Client.Watching;

namespace Orleans.Mqtt.Silo.Streams;

/// <summary>Messages as Orleans streams. Section "Streams"; all silos of a cluster alike.</summary>
internal sealed class StreamsOptions
{
    public const string Section = "Streams";

    /// <summary>Whether there are any. Off, nothing of it runs.</summary>
    public bool Enabled { get; init; }

    /// <summary>Filters that are carried also when nobody has subscribed by name: those of implicit subscriptions.</summary>
    public string[] Filters { get; init; } = [];
}

/// <summary>Looks at the filters before anything starts: the bridge of one that cannot be watched would never open.</summary>
internal sealed class StreamsCheck : IValidateOptions<StreamsOptions>
{
    public ValidateOptionsResult Validate(string? name, StreamsOptions options) =>
        Array.Find(options.Filters, filter => !WatchLink.CanWatch(filter)) is { } wrong
            ? ValidateOptionsResult.Fail($"Streams:Filters: '{wrong}' is no filter, or a shared or exclusive one.")
            : ValidateOptionsResult.Success;
}
