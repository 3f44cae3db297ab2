using CsCheck;
using Orleans.Mqtt.Gateway.Connections;
using Orleans.Mqtt.Sessions;
using Xunit;

namespace Orleans.Mqtt.Tests.Unit.Gateway.Connections;

public class PacketIdWindowTests
{
    [Fact]
    public void It_agrees_with_a_dictionary() =>
        Gen.Select(Gen.Int[0, 9], Gen.Int[1, 1000]).Array[0, 2000].Sample(steps =>
        {
            var window = new PacketIdWindow();
            var model = new Dictionary<ushort, bool>();
            foreach (var (verb, choice) in steps)
            {
                var open = model.Keys.ElementAtOrDefault(choice % Math.Max(model.Count, 1));
                var packetId = open != 0 && verb % 2 == 0 ? open : (ushort)choice; // often one that is not in flight
                if (verb < 5)
                    Assert.True(model.TryAdd(window.Take(), false));
                else if (verb < 7)
                    Assert.Equal(Release(model, packetId), window.Release(packetId));
                else
                    Assert.Equal(Finish(model, packetId, verb == 9), window.Finish(packetId, verb == 9));
                Assert.Equal(model.Count, window.Count);
                Assert.DoesNotContain((ushort)0, model.Keys);
            }
        }, iter: 200);

    [Fact]
    public void All_identifiers_but_one_may_be_in_flight()
    {
        var window = new PacketIdWindow();
        var taken = Enumerable.Range(1, PacketIdentifiers.Span - 1).Select(_ => window.Take()).ToHashSet();
        Assert.Equal(PacketIdentifiers.Span - 1, taken.Count);

        Assert.True(window.Finish(4711, isReleased: false));
        Assert.Equal(PacketIdentifiers.Span, window.Take());
        Assert.True(window.Finish(1, isReleased: false));
        Assert.Equal(1, window.Take());
    }

    [Fact]
    public void One_that_stays_in_flight_is_passed_by_for_ever()
    {
        var window = new PacketIdWindow();
        var kept = window.Take();
        for (var i = 0; i < 3 * PacketIdentifiers.Span; i++)
        {
            var next = window.Take();
            Assert.NotEqual(kept, next);
            Assert.True(window.Finish(next, isReleased: false));
        }
    }

    private static bool Release(Dictionary<ushort, bool> model, ushort packetId)
    {
        if (!model.ContainsKey(packetId))
            return false;
        model[packetId] = true;
        return true;
    }

    private static bool Finish(Dictionary<ushort, bool> model, ushort packetId, bool isReleased) =>
        model.TryGetValue(packetId, out var state) && state == isReleased && model.Remove(packetId);
}
