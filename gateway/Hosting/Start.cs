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
            var message = Switches.InWords(failure.Message).ReplaceLineEndings(" ");
            await Console.Error.WriteLineAsync($"Orleans.Mqtt does not start: {message}");
            return 1;
        }
    }

    // The binder's complaint is of a value that is not of the setting's kind, such as a port that is not a number.
    private static bool IsWrongSetting(Exception failure) =>
        failure is StartFailure or OptionsValidationException
        || failure is InvalidOperationException { Source: "Microsoft.Extensions.Configuration.Binder" };
}
