using System.Collections;
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

    private readonly Dictionary<string, Kind> _kinds = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Options are the types with a constant that names their section.</summary>
    public KnownSettings(params Assembly[] assemblies)
    {
        foreach (var type in assemblies.SelectMany(assembly => assembly.GetTypes()))
        {
            if (SectionOf(type) is not { } section)
                continue;
            foreach (var property in type.GetProperties().Where(property => property.CanWrite))
                _kinds[$"{section}:{property.Name}"] = KindOf(property.PropertyType);
        }
    }

    /// <summary>What may stand behind the name of a setting.</summary>
    private enum Kind
    {
        Plain,

        /// <summary>A number: <c>Access:Deny:0</c>.</summary>
        List,

        /// <summary>A name of the user's choice: <c>Sharing:ByName:NAME</c>.</summary>
        Map,
    }

    /// <summary>All of them, as they are given: a list by its first entry, what is chosen by name with NAME.</summary>
    public IEnumerable<string> Names =>
        _kinds.Select(known => known.Key + known.Value switch { Kind.List => ":0", Kind.Map => ":NAME", _ => "" });

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

    private static Kind KindOf(Type type) =>
        typeof(IDictionary).IsAssignableFrom(type) ? Kind.Map
        : typeof(IEnumerable<string>).IsAssignableFrom(type) ? Kind.List
        : Kind.Plain;

    private static bool HasSwitch(string setting) =>
        Switches.Settings.Values.Contains(setting, StringComparer.OrdinalIgnoreCase);

    private static bool IsForeign(string setting) =>
        _foreign.Contains(setting.Split(':')[0], StringComparer.OrdinalIgnoreCase);

    private bool Has(string setting)
    {
        if (_kinds.TryGetValue(setting, out var own))
            return own is Kind.Plain;
        var end = setting.LastIndexOf(':');
        return end > 0 && _kinds.GetValueOrDefault(setting[..end]) switch
        {
            Kind.List => int.TryParse(setting[(end + 1)..], out var at) && at >= 0,
            Kind.Map => end + 1 < setting.Length,
            _ => false,
        };
    }

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
        return Names.Where(known => known.StartsWith(section, StringComparison.OrdinalIgnoreCase));
    }

    private IEnumerable<string> Sections() =>
        _kinds.Keys.Select(name => name[..name.LastIndexOf(':')]).Distinct().Concat(_foreign).Order(StringComparer.Ordinal);
}
