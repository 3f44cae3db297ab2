using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Orleans.Mqtt.Gateway.Hosting;

/// <summary>Reads what must be known before the host is built.</summary>
internal static class Settings
{
    public static TOptions Read<TOptions, TValidator>(ConfigurationManager configuration, string section)
        where TOptions : class, new()
        where TValidator : IValidateOptions<TOptions>, new()
    {
        var options = configuration.GetSection(section).Get<TOptions>() ?? new TOptions();
        var validation = new TValidator().Validate(null, options);
        return validation.Succeeded
            ? options
            : throw new OptionsValidationException(section, typeof(TOptions), validation.Failures);
    }

    /// <summary>Connects once: Orleans would report a Redis that is not there in a page of stack traces.</summary>
    public static ConfigurationOptions DemandRedis(string setting)
    {
        try
        {
            var options = ConfigurationOptions.Parse(setting);
            using var probe = ConnectionMultiplexer.Connect(options);
            return options;
        }
        catch (Exception failure) when (failure is ArgumentException or RedisConnectionException)
        {
            // Only the address: the rest of the string may hold a password.
            throw new StartFailure($"--redis {setting.Split(',')[0]}: {failure.Message}", failure);
        }
    }
}
