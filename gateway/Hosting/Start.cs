using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Options;

namespace Orleans.Mqtt.Gateway.Hosting;

/// <summary>Runs a process of ours; a wrong setting ends it with one line and exit code 1.</summary>
internal static class Start
{
    public static async Task<int> RunAsync(Func<Task> process)
    {
        try
        {
            await process();
            return 0;
        }
        catch (Exception failure) when (IsWrongSetting(failure))
        {
            var message = Switches.InWords(MessageOf(failure)).ReplaceLineEndings(" ");
            await Console.Error.WriteLineAsync($"Orleans.Mqtt does not start: {message}");
            return 1;
        }
    }

    /// <summary>A validator calls a setting by the name of its type; the user knows the section.</summary>
    private static string MessageOf(Exception failure) =>
        failure is OptionsValidationException invalid && KnownSettings.SectionOf(invalid.OptionsType) is { } section
            ? failure.Message.Replace($"{invalid.OptionsType.Name}.", $"{section}:", StringComparison.Ordinal)
            : failure.Message;

    // The binder's complaint is of a value that is not of the setting's kind, such as a port that is not a number. A port that was
    // free when the settings were read may be taken when its listener comes.
    private static bool IsWrongSetting(Exception failure) =>
        failure is StartFailure or OptionsValidationException or AddressInUseException
        || failure is InvalidOperationException { Source: "Microsoft.Extensions.Configuration.Binder" }
            or IOException { InnerException: AddressInUseException };
}
