using Microsoft.Extensions.Options;

namespace Orleans.Mqtt.Grains.Storage;

/// <summary>Checks the settings of the store at start; generated.</summary>
[OptionsValidator]
internal sealed partial class StoreOptionsValidator : IValidateOptions<StoreOptions>;
