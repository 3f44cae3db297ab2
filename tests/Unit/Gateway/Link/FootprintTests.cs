using System.Runtime.CompilerServices;
using Orleans.Mqtt.Gateway.Link;
using Orleans.Mqtt.Protocol;
using Orleans.Mqtt.Sessions;
using Xunit;

namespace Orleans.Mqtt.Tests.Unit.Gateway.Link;

/// <summary>What there may be a million of stays small.</summary>
public class FootprintTests
{
    private const int Many = 10_000;

    [Fact]
    public void A_filters_interest_is_16_bytes() => Assert.Equal(16, Unsafe.SizeOf<Interest>());

    [Fact]
    public void A_subscription_without_identifier_is_one_object_of_56_bytes()
    {
        var connection = new TestGateway().Connect(new Wire());
        var granted = new Subscription { Filter = "a/+" };
        var all = new LocalSubscription[Many];
        all[0] = LocalSubscription.Of(connection, granted);

        var allocated = Allocations.LeastOf(() =>
        {
            for (var i = 0; i < Many; i++)
                all[i] = LocalSubscription.Of(connection, granted);
        });

        Assert.Equal(56 * Many, allocated);
    }

    [Fact]
    public void A_large_collection_has_room_for_a_third_more_at_most()
    {
        var map = new Dictionary<int, int>();
        var set = new HashSet<int>();
        for (var i = 0; i < 1_000_000; i++)
        {
            map.MakeRoom();
            map.Add(i, i);
            set.MakeRoom();
            set.Add(i);
        }

        Assert.InRange(map.Capacity, 1_000_000, 1_333_333);
        Assert.InRange(set.Capacity, 1_000_000, 1_333_333);
    }

    [Fact]
    public void A_subscription_gives_back_what_was_granted()
    {
        var connection = new TestGateway().Connect(new Wire());
        Subscription[] all =
        [
            new() { Filter = "a/+", QoS = QoS.AtLeastOnce },
            new() { Filter = "$exclusive/a", NoLocal = true, RetainAsPublished = true, RetainHandling = 2, Identifier = 268_435_455 },
        ];

        Assert.All(all, granted => Assert.Equal(granted, LocalSubscription.Of(connection, granted).Granted));
    }
}
