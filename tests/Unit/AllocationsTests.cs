using Xunit;

namespace Orleans.Mqtt.Tests.Unit;

/// <summary>The meter that the tests of allocation trust.</summary>
public class AllocationsTests
{
    private object? _kept;

    [Fact]
    public void Work_that_allocates_each_time_is_seen() =>
        Assert.True(Allocations.LeastOf(() => _kept = new byte[1]) > 0);

    [Fact]
    public void Work_that_allocates_once_and_never_again_is_not() =>
        Assert.Equal(0, Allocations.LeastOf(() => _kept ??= new byte[1_000]));
}
