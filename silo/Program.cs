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
catch (Exception failure) when (IsWrongSetting(failure))
{
    var message = Switches.InWords(failure.Message).ReplaceLineEndings(" ");
    await Console.Error.WriteLineAsync($"Orleans.Mqtt does not start: {message}");
    return 1;
}

// The binder's complaint is of a value that is not of the setting's kind, such as a port that is not a number.
static bool IsWrongSetting(Exception failure) =>
    failure is StartFailure or DataFolderException or OptionsValidationException
    || failure is InvalidOperationException { Source: "Microsoft.Extensions.Configuration.Binder" };
