using System.Text;
using CsCheck;
using Orleans.Mqtt.Protocol.Topics;
using Xunit;

namespace Orleans.Mqtt.Tests.Unit.Protocol.Topics;

public sealed class LevelNamesTests
{
    [Fact]
    public void Names_of_all_lengths_come_and_go_without_touching_each_other() =>
        Gen.Select(Gen.Frequency((8, Gen.Int[0, 60]), (1, Gen.Int[61, 2_000]), (1, Gen.Int[30_000, 65_535])), Gen.Bool)
            .Array[0, 80].Sample(steps =>
            {
                var names = new LevelNames();
                var held = new Dictionary<int, (string Text, int References)>();
                foreach (var (length, acquire) in steps)
                {
                    var text = new string((char)('a' + (length % 26)), length);
                    var name = names.Find(text.Utf8());
                    Assert.Equal(held.ContainsKey(name), name != 0);
                    if (acquire)
                    {
                        name = names.Acquire(text.Utf8());
                        held[name] = (text, held.GetValueOrDefault(name).References + 1);
                    }
                    else if (name != 0)
                    {
                        names.Release(name);
                        held[name] = (text, held[name].References - 1);
                        if (held[name].References == 0)
                            held.Remove(name);
                    }
                }

                foreach (var (name, (text, _)) in held)
                {
                    Assert.Equal(text, Encoding.UTF8.GetString(names[name]));
                    Assert.Equal(name, names.Find(text.Utf8()));
                }
            }, iter: 200);

    [Fact]
    public void A_large_name_that_went_makes_room_for_small_ones()
    {
        var names = new LevelNames();
        names.Release(names.Acquire(new byte[60_000]));
        var capacity = names.Capacity;

        for (var i = 0; i < 3_000; i++)
            names.Acquire($"name {i}".Utf8());

        Assert.Equal(capacity, names.Capacity);
    }
}
