using System.Reflection;
using Microsoft.Extensions.Configuration;

namespace Orleans.Mqtt.Gateway.Hosting;

/// <summary>
/// All settings that the options of a process have. A mistyped one would be ignored in silence, and what it was to limit
/// would have no such limit; it is found out here.
/// </summary>
internal sealed class KnownSettings
{
    // Of the platform: what there is in them is not ours to know.
    private static readonly string[] _foreign = ["Logging", "Orleans", "Kestrel"];

    private readonly Dictionary<string, bool> _isList = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Options are the types with a constant that names their section.</summary>
    public KnownSettings(params Assembly[] assemblies)
    {
        foreach (var type in assemblies.SelectMany(assembly => assembly.GetTypes()))
        {
            if (SectionOf(type) is not { } section)
                continue;
            foreach (var property in type.GetProperties())
                _isList[$"{section}:{property.Name}"] = typeof(IEnumerable<string>).IsAssignableFrom(property.PropertyType);
        }
    }

    /// <summary>The section that options of a type are read from; null when they are not ours.</summary>
    public static string? SectionOf(Type options) =>
        options.GetField("Section") is { IsLiteral: true } constant ? (string?)constant.GetRawConstantValue() : null;

    /// <param name="switches">What stands on the command line.</param>
    /// <param name="configuration">All settings, from wherever they are.</param>
    /// <exception cref="StartFailure">One of them does not exist.</exception>
    public void Demand(IEnumerable<string> switches, IConfiguration configuration)
    {
        // They may have settings of their own.
        var hasPlugin = configuration["Security:Provider"] is not null || configuration["Applications:Assemblies:0"] is not null;
        foreach (var name in switches)
        {
            var setting = Switches.Settings.GetValueOrDefault(name, name[2..]);
            if (!Has(setting) && (HasSectionOf(setting) || !(hasPlugin || IsForeign(setting))))
                throw Unknown(name, setting);
        }

        // Of the other sources only what is in a section of ours: there is much else in an environment. Silos and gateways
        // may share one, so that what has a switch may stand there wherever it means something.
        foreach (var (setting, value) in configuration.AsEnumerable())
        {
            if (value is not null && HasSectionOf(setting) && !Has(setting) && !HasSwitch(setting))
                throw Unknown(setting, setting);
        }
    }

    private static bool HasSwitch(string setting) =>
        Switches.Settings.Values.Contains(setting, StringComparer.OrdinalIgnoreCase);

    private static bool IsForeign(string setting) =>
        _foreign.Contains(setting.Split(':')[0], StringComparer.OrdinalIgnoreCase);

    private bool Has(string setting) =>
        _isList.TryGetValue(setting, out var isList)
            ? !isList
            : int.TryParse(setting[(setting.LastIndexOf(':') + 1)..], out var at) && at >= 0
                && _isList.GetValueOrDefault(setting[..setting.LastIndexOf(':')]);

    private bool HasSectionOf(string setting) => NamesBeside(setting).Any();

    private StartFailure Unknown(string name, string setting)
    {
        var beside = string.Join(" ", NamesBeside(setting).Order(StringComparer.Ordinal));
        return new StartFailure(beside.Length > 0
            ? $"{name}: no such setting; there are {beside}"
            : $"{name}: no such setting; there are the sections {string.Join(" ", Sections())}");
    }

    private IEnumerable<string> NamesBeside(string setting)
    {
        var section = setting.Split(':')[0] + ":";
        return _isList.Where(known => known.Key.StartsWith(section, StringComparison.OrdinalIgnoreCase))
            .Select(known => known.Value ? known.Key + ":0" : known.Key);
    }

    private IEnumerable<string> Sections() =>
        _isList.Keys.Select(name => name[..name.LastIndexOf(':')]).Distinct().Concat(_foreign).Order(StringComparer.Ordinal);
}
