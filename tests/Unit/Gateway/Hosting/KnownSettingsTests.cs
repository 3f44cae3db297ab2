using Microsoft.Extensions.Configuration;
using Orleans.Mqtt.Gateway;
using Orleans.Mqtt.Gateway.Hosting;
using Orleans.Mqtt.Grains;
using Xunit;

namespace Orleans.Mqtt.Tests.Unit.Gateway.Hosting;

public sealed class KnownSettingsTests
{
    private readonly KnownSettings _known = new(typeof(GatewayHosting).Assembly, typeof(GrainsHosting).Assembly);

    [Theory]
    [InlineData("--Sessions:MaximumQueuedMessages")]
    [InlineData("--sessions:maximumqueuedmessages")]
    [InlineData("--Gateway:Tls:CertificateFile")]
    [InlineData("--Access:Deny:0")]
    [InlineData("--Access:Deny:12")]
    [InlineData("--Sharing:ByName:jobs")]
    [InlineData("--Management:ApiKeys:0")]
    [InlineData("--Applications:Assemblies:0")]
    [InlineData("--Logging:LogLevel:Orleans")]
    [InlineData("--listen")]
    [InlineData("--redis")]
    public void A_setting_that_exists_is_taken(string name) => Demand([name]);

    [Theory]
    [InlineData("--Sessions:MaxQued", "Sessions:MaximumQueuedMessages")]
    [InlineData("--Session:MaximumQueuedMessages", "Sessions")]
    [InlineData("--Sessions:MaximumQueuedMessages:0", "Sessions:MaximumQueuedMessages")]
    [InlineData("--Access:Deny", "Access:Deny:0")]
    [InlineData("--Access:Deny:first", "Access:Deny:0")]
    [InlineData("--Access:Deny:0:1", "Access:Deny:0")]
    [InlineData("--Sharing:ByName", "Sharing:ByName:NAME")]
    [InlineData("--Sharing:ByName:", "Sharing:ByName:NAME")]
    [InlineData("--Sharing:ByName:jobs:more", "Sharing:ByName:NAME")]
    [InlineData("--Gateway:Tls:Certificate", "Gateway:Tls:CertificateFile")]
    [InlineData("--Sessions:", "Sessions:MaximumQueuedMessages")]
    [InlineData("--data", "Broker:Redis")] // a switch of the other program
    public void One_that_does_not_is_refused_and_those_beside_it_are_named(string name, string beside)
    {
        var failure = Assert.Throws<StartFailure>(() => Demand([name]));

        Assert.StartsWith($"{name}: no such setting; there are ", failure.Message, StringComparison.Ordinal);
        Assert.Contains(beside, failure.Message.Split(' '));
    }

    [Theory]
    [InlineData("Sessions:MaxQued", false)]
    [InlineData("Access:Deny", false)]
    [InlineData("Broker:Data", true)] // silos and gateways may share an environment
    [InlineData("PATH", true)]
    [InlineData("Elsewhere:Setting", true)]
    public void In_an_environment_only_sections_of_ours_are_looked_at(string name, bool isTaken)
    {
        var failure = Record.Exception(() => Demand([], (name, "1")));

        Assert.Equal(isTaken, failure is null);
    }

    [Fact]
    public void A_plug_in_may_have_settings_of_its_own()
    {
        Demand(["--Tickets:Key"], ("Security:Provider", "tickets.dll"));
        Demand(["--Plant:Name"], ("Applications:Assemblies:0", "plant.dll"));

        Assert.Throws<StartFailure>(() => Demand(["--Tickets:Key"]));
        Assert.Throws<StartFailure>(() => Demand(["--Sessions:Key"], ("Security:Provider", "tickets.dll")));
    }

    private void Demand(string[] switches, params (string Name, string Value)[] settings) => _known.Demand(
        switches,
        new ConfigurationBuilder()
            .AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create<string, string?>(setting.Name, setting.Value)))
            .Build());
}
