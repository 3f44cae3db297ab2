using System.Net;
using Microsoft.Extensions.Options;
using Orleans.Mqtt.Gateway.Security;
using Xunit;

namespace Orleans.Mqtt.Tests.Unit.Gateway.Security;

public class ThrottleTests
{
    private static readonly IPAddress _guesser = IPAddress.Parse("203.0.113.1");
    private static readonly IPAddress _other = IPAddress.Parse("203.0.113.2");

    private readonly SteppedTime _time = new();

    [Fact]
    public void Failures_of_an_address_are_counted_and_run_off_in_a_minute()
    {
        var throttle = NewThrottle(3);
        for (var i = 0; i < 3; i++)
            Assert.True(throttle.TryBegin(_guesser));
        Assert.False(throttle.TryBegin(_guesser));
        Assert.True(throttle.TryBegin(_other));

        _time.Advance(TimeSpan.FromSeconds(19));
        Assert.False(throttle.TryBegin(_guesser));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.True(throttle.TryBegin(_guesser));
        Assert.False(throttle.TryBegin(_guesser));

        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(3, Enumerable.Range(0, 10).Count(_ => throttle.TryBegin(_guesser)));
    }

    [Fact]
    public void Who_succeeds_is_forgiven_and_forgotten()
    {
        var throttle = NewThrottle(3);
        for (var i = 0; i < 100; i++)
        {
            Assert.True(throttle.TryBegin(_guesser));
            throttle.Forgive(_guesser);
        }

        Assert.Equal(0, throttle.Count);
    }

    [Fact]
    public void Logins_that_are_under_way_count_as_failed()
    {
        var throttle = NewThrottle(3);
        for (var i = 0; i < 3; i++)
            Assert.True(throttle.TryBegin(_guesser));

        Assert.False(throttle.TryBegin(_guesser));
        throttle.Forgive(_guesser);
        Assert.True(throttle.TryBegin(_guesser));
    }

    [Theory]
    [InlineData("2001:db8::1", "2001:db8::ffff:1", true)]
    [InlineData("2001:db8:0:1::1", "2001:db8:0:2::1", false)]
    [InlineData("203.0.113.1", "::ffff:203.0.113.1", true)]
    [InlineData("203.0.113.1", "203.0.113.9", false)]
    public void A_site_is_one_address(string one, string other, bool isSame)
    {
        var throttle = NewThrottle(1);

        Assert.True(throttle.TryBegin(IPAddress.Parse(one)));

        Assert.Equal(!isSame, throttle.TryBegin(IPAddress.Parse(other)));
    }

    [Fact]
    public void What_is_remembered_has_a_limit_and_room_is_made()
    {
        var throttle = NewThrottle(1);
        for (var i = 0; i < Throttle.MaximumAddresses + 1000; i++)
            Assert.True(throttle.TryBegin(new IPAddress(BitConverter.GetBytes(i))));
        Assert.Equal(Throttle.MaximumAddresses, throttle.Count);

        _time.Advance(TimeSpan.FromMinutes(2));

        Assert.True(throttle.TryBegin(_guesser));
        Assert.False(throttle.TryBegin(_guesser));
        Assert.Equal(1, throttle.Count);
    }

    private Throttle NewThrottle(int limit) => new(Options.Create(new SecurityOptions { MaximumFailuresPerMinute = limit }), _time);
}
