using Orleans.Mqtt.Gateway.Listeners;
using Xunit;

namespace Orleans.Mqtt.Tests.Unit.Gateway.Listeners;

public class ListenAddressTests
{
    [Theory]
    [InlineData("tcp://127.0.0.1:1884", "127.0.0.1:1884")]
    [InlineData("tcp://localhost:1885", "127.0.0.1:1885")]
    [InlineData("tcp://*:1886", "0.0.0.0:1886")]
    [InlineData("tcp://[::1]:1887", "[::1]:1887")]
    [InlineData("tcp://10.0.0.1", "10.0.0.1:1883")]
    [InlineData(" tcp://127.0.0.1:1 , tcp://127.0.0.1:2,", "127.0.0.1:1 127.0.0.1:2")]
    public void An_address_or_several_are_taken_apart(string text, string expected)
    {
        Assert.True(ListenAddress.TryParseAll(text, out var addresses, out _));
        Assert.Equal(expected.Split(' '), addresses.Select(address => address.EndPoint.ToString()));
    }

    [Theory]
    [InlineData("", "")]
    [InlineData(",", ",")]
    [InlineData("127.0.0.1:1883", "127.0.0.1:1883")]
    [InlineData("http://127.0.0.1:1883", "http://127.0.0.1:1883")]
    [InlineData("tcp://broker.example:1883", "tcp://broker.example:1883")]
    [InlineData("tcp://127.0.0.1:70000", "tcp://127.0.0.1:70000")]
    [InlineData("tcp://127.0.0.1:1,what", "what")]
    public void The_part_that_is_wrong_is_named(string text, string expected)
    {
        Assert.False(ListenAddress.TryParseAll(text, out _, out var wrong));
        Assert.Equal(expected, wrong);
    }
}
