using Orleans.Mqtt.Tests.Durability.Storms;
using Orleans.Mqtt.Tests.Support;
using Xunit;

namespace Orleans.Mqtt.Tests.Durability;

/// <summary>Promises P1, P2 and P3 under kill -9: the short form of what the program does at length.</summary>
public sealed class KillTests
{
    [Fact, Spec("MQTT-4.3.2-1", "MQTT-4.3.3-1", "MQTT-4.4.0-1", "MQTT-4.6.0-1")]
    public Task A_broker_that_is_killed_loses_nothing_acknowledged_repeats_no_QoS_2_and_keeps_the_order() =>
        WeatherAsync(new StormOptions());

    [Fact]
    public Task A_broker_that_is_killed_while_its_log_is_cut_loses_nothing_either() =>
        WeatherAsync(new StormOptions { CutsTheLog = true });

    [Fact]
    public Task A_broker_and_a_redis_server_that_are_killed_lose_nothing_either()
    {
        Assert.SkipUnless(RedisProcess.IsInstalled, "there is no redis-server on this machine");
        return WeatherAsync(new StormOptions { OnRedis = true });
    }

    private static async Task WeatherAsync(StormOptions options)
    {
        var output = TestContext.Current.TestOutputHelper!;
        var findings = await new Storm(options, output.WriteLine).RunAsync();

        Assert.True(findings.IsClean, findings.ToString());
        Assert.True(findings.Received > findings.Acknowledged, $"too little load to tell anything: {findings}");
    }
}
