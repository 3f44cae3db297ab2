using System.Text.RegularExpressions;
using Orleans.Mqtt.Client;
using Orleans.Mqtt.Gateway;
using Orleans.Mqtt.Gateway.Hosting;
using Orleans.Mqtt.Grains;
using Orleans.Mqtt.Silo;
using Orleans.Mqtt.Tests.Support;
using Xunit;

namespace Orleans.Mqtt.Tests.Unit;

/// <summary>docs/configuration.md has every setting that a process of ours takes, and none besides.</summary>
public sealed partial class SettingsPageTests
{
    [Fact]
    public void The_page_has_all_settings_and_only_those()
    {
        var known = new KnownSettings(
            typeof(MqttCluster).Assembly, typeof(GatewayHosting).Assembly, typeof(GrainsHosting).Assembly, typeof(EmbeddedStore).Assembly);
        var page = File.ReadAllText(Path.Combine(BuiltProgram.Root().FullName, "docs", "configuration.md"));
        var documented = FirstCell().Matches(page).SelectMany(cell => Setting().Matches(cell.Value)).Select(setting => setting.Value);

        Assert.Equal(known.Names.Select(name => LastZero().Replace(name, ":N")).Order(), documented.Order());
    }

    [GeneratedRegex(@"^\| `[^|]+\|", RegexOptions.Multiline)]
    private static partial Regex FirstCell();

    [GeneratedRegex("[A-Z][A-Za-z0-9]*(:[A-Z][A-Za-z0-9]*)+")]
    private static partial Regex Setting();

    [GeneratedRegex(":0$")]
    private static partial Regex LastZero();
}
