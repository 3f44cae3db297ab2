using System.Collections.Concurrent;
using Orleans.Mqtt.Gateway.Link;
using Xunit;

namespace Orleans.Mqtt.Tests.Unit.Gateway.Link;

public class GatewayIdentityTests
{
    [Fact]
    public void No_attempt_has_the_name_of_another_on_any_thread_of_any_gateway()
    {
        GatewayIdentity[] gateways = [new(), new()];
        var names = new ConcurrentBag<Guid>();

        Parallel.For(0, 10_000, number => names.Add(gateways[number % 2].NextAttempt()));

        Assert.Equal(10_000, names.Distinct().Count());
    }

    [Fact]
    public void A_life_that_begins_anew_has_another_name()
    {
        var gateway = new GatewayIdentity();
        var before = gateway.Id;

        gateway.BeginAnew();

        Assert.NotEqual(before, gateway.Id);
    }
}
