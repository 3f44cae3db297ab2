using CsCheck;
using Orleans.Mqtt.Grains.Sessions;
using Orleans.Mqtt.Messages;
using Xunit;

namespace Orleans.Mqtt.Tests.Unit.Grains.Sessions;

public class SeenPublishersTests
{
    [Fact]
    public void A_record_is_new_if_its_publisher_has_said_nothing_later_with_the_same_guarantee() =>
        Gen.Select(Gen.ULong[1, 3], Gen.ULong[0, 20], Gen.Bool).Array[0, 60].Sample(steps =>
        {
            var seen = new SeenPublishers(limit: 16);
            var model = new Dictionary<(ulong, bool), ulong>();
            foreach (var (publisher, sequence, isExactlyOnce) in steps)
            {
                var record = Record(publisher, sequence, isExactlyOnce);
                var last = model.GetValueOrDefault((publisher, isExactlyOnce));
                Assert.Equal(sequence == 0 || sequence > last, seen.IsNew(record));
                Assert.Equal(0ul, seen.Take(record));
                if (sequence > last)
                    model[(publisher, isExactlyOnce)] = sequence;
            }

            Assert.Equal(model.Count, seen.Count);
        });

    [Fact]
    public void Beyond_the_limit_the_one_that_was_silent_for_longest_is_forgotten_and_named_if_it_is_stored()
    {
        var seen = new SeenPublishers(limit: 2);
        seen.Restore(1, 10);
        seen.Take(Record(2, 20, isExactlyOnce: false));

        Assert.Equal(1ul, seen.Take(Record(3, 30, isExactlyOnce: true)));
        Assert.Equal(0ul, seen.Take(Record(4, 40, isExactlyOnce: true))); // forgets 2, of which nothing is stored

        Assert.Equal(2, seen.Count);
        Assert.True(seen.IsNew(Record(1, 5, isExactlyOnce: true)));
        Assert.False(seen.IsNew(Record(3, 30, isExactlyOnce: true)));
        Assert.False(seen.IsNew(Record(4, 39, isExactlyOnce: true)));
    }

    private static MessageRecord Record(ulong publisher, ulong sequence, bool isExactlyOnce) => new(Records.Of(
        flags: isExactlyOnce ? RecordFlags.ExactlyOnce : RecordFlags.None, publisher: publisher, sequence: sequence));
}
