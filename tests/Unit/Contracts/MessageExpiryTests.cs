using Orleans.Mqtt.Messages;
using Xunit;

namespace Orleans.Mqtt.Tests.Unit.Contracts;

public class MessageExpiryTests
{
    private static readonly DateTimeOffset _now = DateTimeOffset.FromUnixTimeMilliseconds(1_800_000_000_300);

    [Theory]
    [InlineData(0, 0, false), InlineData(0, 0.7, true), InlineData(1, 1.0, false), InlineData(1, 1.6, false), InlineData(1, 1.7, true)]
    [InlineData(60, 59.9, false), InlineData(60, 61, true)]
    public void A_message_never_ends_early_and_less_than_a_second_late(uint interval, double seconds, bool isOver) =>
        Assert.Equal(isOver, MessageExpiry.IsOver(MessageExpiry.From(interval, _now), _now.AddSeconds(seconds)));

    [Theory]
    [InlineData(60, 0, 60), InlineData(60, 0.6, 60), InlineData(60, 1, 59), InlineData(60, 59.5, 1), InlineData(60, 99, 0)]
    public void What_is_left_is_never_more_than_there_was(uint interval, double seconds, uint left) =>
        Assert.Equal(left, MessageExpiry.Left(MessageExpiry.From(interval, _now), _now.AddSeconds(seconds)));

    [Theory, InlineData(uint.MaxValue), InlineData(3_000_000_000)]
    public void A_life_beyond_2106_is_said_to_be_the_longest(uint interval) =>
        Assert.Equal(uint.MaxValue, MessageExpiry.Left(MessageExpiry.From(interval, _now), _now.AddSeconds(5)));

    [Fact]
    public void The_longest_interval_is_longer_than_any_message_waits()
    {
        Assert.False(MessageExpiry.IsOver(MessageExpiry.From(uint.MaxValue, _now), _now.AddYears(40)));
        Assert.False(MessageExpiry.IsOver(0, _now));
    }
}
