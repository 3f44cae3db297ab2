using Orleans.Mqtt.Gateway.Connections;
using Xunit;

namespace Orleans.Mqtt.Tests.Unit.Gateway.Connections;

public class HeartbeatTests
{
    [Fact]
    public void Far_from_its_deadline_a_connection_is_looked_at_once_a_second_and_near_it_with_each_tick()
    {
        using var heartbeat = new Heartbeat(TimeProvider.System);
        var connection = new Patient { Deadline = 10 };
        heartbeat.Watch(connection);

        for (var tick = 1; tick <= 12; tick++)
            heartbeat.Tick(tick);

        Assert.Equal([1, 5, 9, 11, 12], connection.Looks);
    }

    [Fact]
    public void Who_comes_is_looked_at_with_the_next_tick_and_who_goes_is_not()
    {
        using var heartbeat = new Heartbeat(TimeProvider.System);
        var (first, second) = (new Patient { Deadline = 100 }, new Patient { Deadline = 100 });
        heartbeat.Watch(first);
        heartbeat.Tick(1);

        heartbeat.Watch(second);
        heartbeat.Unwatch(first);
        heartbeat.Tick(2);

        Assert.Equal([1], first.Looks);
        Assert.Equal([2], second.Looks);
    }

    private sealed class Patient : IOverdue
    {
        public required int Deadline { get; init; }

        public List<int> Looks { get; } = [];

        public int Check(int tick)
        {
            Looks.Add(tick);
            return Deadline - tick + 1;
        }
    }
}
