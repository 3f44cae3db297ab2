using Orleans.Mqtt.Tests.Support;
using Xunit;

namespace Orleans.Mqtt.Tests.Unit;

/// <summary>
/// Tests of several processes may run at the same moment. Each taker here opens the lock files by itself, and the system's
/// lock is on what was opened: towards each other they are as two processes.
/// </summary>
public sealed class FreePortsTests : IDisposable
{
    // Two blocks for each of two, none of which the brokers of other tests are given.
    private const int First = 9_000, End = 9_400;
    private const int Each = 150;

    private readonly string _folder = Directory.CreateTempSubdirectory("ports-test-").FullName;

    [Fact]
    public async Task Takers_side_by_side_are_never_given_the_same_port()
    {
        using var one = new PortBlocks(_folder, First, End);
        using var other = new PortBlocks(_folder, First, End);

        var taken = await Task.WhenAll(new[] { one, other, one, other }.Select(taker => Task.Run(
            () => Enumerable.Range(0, Each / 2).Select(_ => taker.Take()).ToArray(), TestContext.Current.CancellationToken)));

        var ports = taken.SelectMany(some => some).ToArray();
        Assert.Equal(2 * Each, ports.Distinct().Count());
        Assert.All(ports, port => Assert.InRange(port, First, End - 1));
    }

    [Fact]
    public void What_a_process_held_is_free_when_it_has_ended_and_not_before()
    {
        using var next = new PortBlocks(_folder, First, First + 100);
        using (var before = new PortBlocks(_folder, First, First + 100))
        {
            before.Take();
            Assert.Throws<InvalidOperationException>(() => next.Take());
        }

        Assert.InRange(next.Take(), First, First + 99);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
