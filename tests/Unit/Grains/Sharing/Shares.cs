using Microsoft.Extensions.Options;
using Orleans.Mqtt.Grains.Sharing;

namespace Orleans.Mqtt.Tests.Unit.Grains.Sharing;

/// <summary>Parts of shared subscriptions as tests want them.</summary>
internal static class Shares
{
    public static ShareRoutes Routes(ShareStrategy strategy = ShareStrategy.RoundRobin) =>
        new(Options.Create(new SharingOptions { Strategy = strategy }));
}
