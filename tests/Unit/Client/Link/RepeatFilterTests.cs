using Orleans.Mqtt.Client.Link;
using Orleans.Mqtt.Messages;
using Xunit;

namespace Orleans.Mqtt.Tests.Unit.Client.Link;

public class RepeatFilterTests
{
    private readonly RepeatFilter _filter = new();

    [Fact]
    public void A_sequence_that_a_publisher_has_passed_is_a_repetition()
    {
        Assert.True(IsNew(1, 10));
        Assert.True(IsNew(1, 12));
        Assert.False(IsNew(1, 12));
        Assert.False(IsNew(1, 11));
        Assert.True(IsNew(2, 11));
        Assert.True(IsNew(1, 13));
    }

    [Fact]
    public void A_message_without_a_sequence_is_always_new()
    {
        Assert.True(IsNew(1, 0));
        Assert.True(IsNew(1, 0));
    }

    [Fact]
    public void The_oldest_publisher_is_forgotten_when_there_are_too_many()
    {
        for (ulong publisher = 1; publisher <= 100_000; publisher++)
            Assert.True(IsNew(publisher, 5));
        Assert.False(IsNew(1, 5));

        Assert.True(IsNew(100_001, 5));

        Assert.True(IsNew(1, 5));
        Assert.False(IsNew(100_000, 5));
    }

    private bool IsNew(ulong publisher, ulong sequence) =>
        _filter.IsNew(new MessageRecord(Records.Of(publisher: publisher, sequence: sequence)));
}
