using Orleans.Mqtt.Gateway.Connections;
using Xunit;

namespace Orleans.Mqtt.Tests.Unit.Gateway.Connections;

public class HeartbeatTests
{
    private readonly Heartbeat _heartbeat = new(TimeProvider.System);

    [Fact]
    public void Far_from_its_deadline_a_connection_is_looked_at_once_a_second_and_near_it_with_each_tick()
    {
        var connection = new Patient { Deadline = 10 };
        _heartbeat.Watch(connection);

        for (var tick = 1; tick <= 12; tick++)
            _heartbeat.Tick(tick);

        Assert.Equal([1, 5, 9, 11, 12], connection.Looks);
    }

    [Fact]
    public void Who_comes_is_looked_at_with_the_next_tick_and_who_goes_is_not()
    {
        var (first, second) = (new Patient { Deadline = 100 }, new Patient { Deadline = 100 });
        _heartbeat.Watch(first);
        _heartbeat.Tick(1);

        _heartbeat.Watch(second);
        _heartbeat.Unwatch(first);
        _heartbeat.Tick(2);

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
