using System.Reflection;
using Orleans.Mqtt.Grains.Sharing;
using Xunit;
using Xunit.Sdk;
using Xunit.v3;

namespace Orleans.Mqtt.Tests.Unit.Grains.Sharing;

/// <summary>The strategies, for the eyes of the test runner.</summary>
public enum ShareStrategyName
{
    RoundRobin = ShareStrategy.RoundRobin,
    Random = ShareStrategy.Random,
    Sticky = ShareStrategy.Sticky,
    HashClient = ShareStrategy.HashClient,
    HashTopic = ShareStrategy.HashTopic,
    LeastInFlight = ShareStrategy.LeastInFlight,
}

/// <summary>Each strategy in turn.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class CombinatorialStrategiesAttribute : DataAttribute
{
    public override ValueTask<IReadOnlyCollection<ITheoryDataRow>> GetData(MethodInfo testMethod, DisposalTracker disposalTracker) =>
        ValueTask.FromResult<IReadOnlyCollection<ITheoryDataRow>>(
            [.. Enum.GetValues<ShareStrategyName>().Select(strategy => new TheoryDataRow(strategy))]);

    public override bool SupportsDiscoveryEnumeration() => true;
}
