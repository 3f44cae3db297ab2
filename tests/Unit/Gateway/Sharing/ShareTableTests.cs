using System.IO.Pipelines;
using Orleans.Mqtt.Gateway;
using Orleans.Mqtt.Gateway.Link;
using Orleans.Mqtt.Messages;
using Orleans.Mqtt.Sessions;
using Orleans.Mqtt.Sharing;
using Xunit;

namespace Orleans.Mqtt.Tests.Unit.Gateway.Sharing;

public class ShareTableTests
{
    private const string Filter = "$share/g/a";

    private readonly TestGateway _gateway = new(options: new GatewayOptions { MaximumUnsentBytes = 16 * 1024 });
    private readonly List<Wire> _wires = [];

    [Fact]
    public void A_copy_goes_to_the_member_whose_seat_it_is_and_to_nobody_else()
    {
        var handle = Join(3);
        var alone = new Wire();
        _gateway.Subscribers.Add(LocalSubscription.Of(_gateway.Connect(alone, "alone"), new Subscription { Filter = "a" }));

        Deliver(handle, seat: 1, "x");
        Deliver(handle, seat: 5, "y"); // taken modulo those who are here
        Deliver(handle + 1, seat: 0, "nobody's");

        Assert.Equal([[], ["PUBLISH a=x"], ["PUBLISH a=y"]], _wires.Select(wire => wire.Said()));
        Assert.Empty(alone.Said());
    }

    [Fact]
    public void What_the_one_cannot_take_the_next_does()
    {
        _wires.Add(new Wire(new Pipe(new PipeOptions(pauseWriterThreshold: 16 * 1024, resumeWriterThreshold: 8 * 1024)))); // its reader is slow
        var handle = Join(2);
        var large = new string('x', 30_000);
        Deliver(handle, seat: 0, large);
        Deliver(handle, seat: 0, large);

        Deliver(handle, seat: 0, "small");

        Assert.Equal(["PUBLISH a=small"], _wires[1].Said());
    }

    [Fact]
    public void Whoever_leaves_gets_nothing_more()
    {
        var handle = Join(2);
        foreach (var member in _gateway.Shares.MembersOf(handle))
            _gateway.Shares.Remove(member);

        Deliver(handle, seat: 0, "x");

        Assert.Empty(_gateway.Shares.MembersOf(handle));
        Assert.All(_wires, wire => Assert.Empty(wire.Said()));
    }

    private ulong Join(int members)
    {
        for (var i = 0; i < members; i++)
        {
            if (i == _wires.Count)
                _wires.Add(new Wire());
            var connection = _gateway.Connect(_wires[i], $"m{i}");
            _gateway.Shares.Add(LocalSubscription.Of(connection, new Subscription { Filter = Filter }));
        }

        return _gateway.Identity.HandleOf(Filter);
    }

    private void Deliver(ulong handle, int seat, string payload)
    {
        // As it comes from another process: with its place written into it.
        var record = Records.Of("a", payload);
        MessageRecord.PatchPlace(record, new SharePlace(handle, seat));
        var run = _gateway.Downlink.Begin();
        run.Add(new MessageRecord(record));
        Assert.True(run.Complete().AsTask().IsCompletedSuccessfully);
    }
}
