using System.Globalization;
using Microsoft.Extensions.Options;
using Orleans.Mqtt.Silo;

CultureInfo.DefaultThreadCurrentCulture = CultureInfo.InvariantCulture;
try
{
    await using var broker = Broker.Build(args);
    await broker.RunAsync();
    return 0;
}
catch (Exception failure) when (failure is StartFailure or DataFolderException or OptionsValidationException)
{
    await Console.Error.WriteLineAsync($"Orleans.Mqtt does not start: {failure.Message.ReplaceLineEndings(" ")}");
    return 1;
}
