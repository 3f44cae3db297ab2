using System.Security.Cryptography;
using Microsoft.Extensions.Options;

namespace Orleans.Mqtt.Gateway.Files;

/// <summary>Tries at start what will be read later, so that a mistake is one line that names the setting and the file.</summary>
internal static class FileCheck
{
    public static ValidateOptionsResult Of(string setting, string path, Action read)
    {
        try
        {
            read();
            return ValidateOptionsResult.Success;
        }
        catch (Exception failure) when (IsOfTheFile(failure))
        {
            return ValidateOptionsResult.Fail($"{setting} {path}: {failure.Message}");
        }
    }

    /// <summary>What reading may throw when the file, and not the broker, is to blame.</summary>
    public static bool IsOfTheFile(Exception failure) =>
        failure is IOException or UnauthorizedAccessException or FormatException or CryptographicException;
}
