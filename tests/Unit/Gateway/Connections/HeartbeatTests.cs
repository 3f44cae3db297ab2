using Orleans.Mqtt.Gateway.Connections;
using Xunit;

namespace Orleans.Mqtt.Tests.Unit.Gateway.Connections;

public sealed class HeartbeatTests : IDisposable
{
    private readonly Heartbeat _heartbeat = new(TimeProvider.System);

    [Fact]
    public void Each_is_looked_at_when_it_is_due_and_not_before()
    {
        var soon = Watch(3);
        var later = Watch(5);

        Assert.Equal([0, 0, 1, 1, 1], TimesLookedAt(soon, 1, 2, 3, 4, 5));
        Assert.Equal(1, later.Looks);
    }

    [Fact]
    public void Who_was_heard_meanwhile_is_looked_at_when_it_is_due_again()
    {
        var heard = Watch(3);
        heard.Until = 7;

        Assert.Equal([1, 1, 2, 2], TimesLookedAt(heard, 3, 6, 7, 100));
    }

    [Fact]
    public void What_is_due_beyond_a_turn_is_looked_at_once_a_turn()
    {
        var slow = Watch(3 * Heartbeat.Turn);
        slow.Until = 3 * Heartbeat.Turn;

        for (var tick = 1; tick < 3 * Heartbeat.Turn; tick++)
            _heartbeat.Advance(tick);

        var looks = slow.Looks;
        _heartbeat.Advance(3 * Heartbeat.Turn);
        Assert.Equal((3, 4), (looks, slow.Looks)); // 511 ticks are the farthest that it reaches
    }

    [Theory]
    [InlineData(4)]
    [InlineData(Heartbeat.Turn)]
    [InlineData((10 * Heartbeat.Turn) + 1)]
    public void Ticks_that_were_missed_are_made_up_for(int now)
    {
        Looked[] all = [Watch(1), Watch(2), Watch(3), Watch(4)];

        _heartbeat.Advance(now);

        Assert.All(all, one => Assert.Equal(1, one.Looks));
        Assert.Equal(now, _heartbeat.Now);
    }

    [Fact]
    public void An_earlier_tick_counts_and_a_later_one_does_not()
    {
        var one = Watch(9);
        _heartbeat.Watch(one, 3);
        _heartbeat.Watch(one, 6);

        Assert.Equal([1, 1], TimesLookedAt(one, 3, 20));
    }

    [Fact]
    public void A_tick_that_has_been_is_the_next_one()
    {
        _heartbeat.Advance(10);
        var late = Watch(2);

        Assert.Equal([1], TimesLookedAt(late, 11));
    }

    [Fact]
    public void Who_is_not_watched_is_not_looked_at()
    {
        Looked[] all = [Watch(3), Watch(3), Watch(3), Watch(3)];
        _heartbeat.Unwatch(all[1]);
        _heartbeat.Unwatch(all[3]); // the first of its tick
        _heartbeat.Unwatch(all[0]); // the last
        _heartbeat.Watch(new Looked(), Overdue.Never);

        _heartbeat.Advance(3);

        Assert.Equal([0, 0, 1, 0], all.Select(one => one.Looks));
        _heartbeat.Watch(all[0], 5);
        Assert.Equal([1], TimesLookedAt(all[0], 5));
    }

    [Fact]
    public void Who_goes_while_it_is_looked_at_is_not_put_back()
    {
        var going = Watch(1);
        going.Until = 2;
        going.Meanwhile = () => _heartbeat.Unwatch(going);

        Assert.Equal([1, 1], TimesLookedAt(going, 1, 2));
    }

    [Fact]
    public void What_is_asked_for_while_it_is_looked_at_counts()
    {
        var closing = Watch(1);
        closing.Meanwhile = () => _heartbeat.Watch(closing, 3);

        Assert.Equal([1, 1, 2], TimesLookedAt(closing, 1, 2, 3));
    }

    [Fact]
    public void What_is_asked_for_while_it_is_looked_at_does_not_put_off_what_is_due_before()
    {
        var silent = Watch(1);
        silent.Until = 3;
        silent.Meanwhile = () => _heartbeat.Watch(silent, 40);

        Assert.Equal([1, 1, 2], TimesLookedAt(silent, 1, 2, 3));
    }

    public void Dispose() => _heartbeat.Dispose();

    private Looked Watch(int tick)
    {
        var watched = new Looked();
        _heartbeat.Watch(watched, tick);
        return watched;
    }

    private List<int> TimesLookedAt(Looked one, params int[] ticks)
    {
        var looks = new List<int>();
        foreach (var tick in ticks)
        {
            _heartbeat.Advance(tick);
            looks.Add(one.Looks);
        }

        return looks;
    }

    private sealed class Looked : Overdue
    {
        public int Looks { get; private set; }

        public int Until { get; set; } = Never;

        public Action? Meanwhile { get; set; }

        public override int Check(int tick)
        {
            Looks++;
            Meanwhile?.Invoke();
            Meanwhile = null;
            return Until > tick ? Until : Never;
        }
    }
}
