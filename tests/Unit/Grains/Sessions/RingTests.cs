using CsCheck;
using Orleans.Mqtt.Grains.Sessions;
using Xunit;

namespace Orleans.Mqtt.Tests.Unit.Grains.Sessions;

public class RingTests
{
    [Fact]
    public void It_is_a_queue_that_can_be_read_and_changed_at_any_place() =>
        Gen.Int[0, 9].Array[0, 200].Sample(steps =>
        {
            var ring = new Ring<int>();
            var model = new List<int>();
            foreach (var step in steps)
            {
                switch (step)
                {
                    case < 5:
                        ring.Enqueue(model.Count * step);
                        model.Add(model.Count * step);
                        break;
                    case < 8 when model.Count > 0:
                        Assert.Equal(model[0], ring.Dequeue());
                        model.RemoveAt(0);
                        break;
                    case 8 when model.Count > 0:
                        ring[model.Count / 2]++;
                        model[model.Count / 2]++;
                        break;
                    case 9 when model.Count > 20:
                        ring.Clear();
                        model.Clear();
                        break;
                }

                Assert.Equal(model, Enumerable.Range(0, ring.Count).Select(i => ring[i]));
            }
        });
}
