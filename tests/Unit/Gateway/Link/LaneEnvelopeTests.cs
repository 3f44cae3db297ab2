using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Orleans.Mqtt.Client.Link;
using Orleans.Mqtt.Gateway;
using Orleans.Mqtt.Gateway.Link;
using Orleans.Mqtt.Ingress;
using Orleans.Mqtt.Messages;
using Orleans.Mqtt.Protocol;
using Orleans.Mqtt.Sessions;
using Xunit;

namespace Orleans.Mqtt.Tests.Unit.Gateway.Link;

/// <summary>What goes nowhere but back to its gateway is announced, and not sent (decision 56).</summary>
public class LaneEnvelopeTests
{
    private readonly ScriptedSilo _silo = new();
    private readonly TestGateway _gateway = new();
    private readonly Wire _wire = new();
    private readonly SiloLanes _lanes;
    private readonly PublicationSource _alice = new("alice"), _bob = new("bob");

    public LaneEnvelopeTests()
    {
        var time = new SteppedTime();
        var lease = new GatewayLease(Microsoft.Extensions.Options.Options.Create(new GatewayOptions()), time);
        lease.Renew(time.GetTimestamp());
        _lanes = new SiloLanes(
            FakeGrains.Of(_ => _silo.Grain), Microsoft.Extensions.Options.Options.Create(new SiloLaneOptions { Lanes = 1 }),
            new ClusterWatch(), lease, new GatewayIdentity(), new HeldEnvelopes(), _gateway.Downlink,
            new GatewayMetrics(Meters.None), new HastyTime(), NullLogger<SiloLanes>.Instance);
        var client = _gateway.Connect(_wire);
        foreach (var filter in new[] { "t", "u" })
            _gateway.Subscribers.Add(LocalSubscription.Of(client, new Subscription { Filter = filter, QoS = QoS.AtMostOnce }));
    }

    [Fact]
    public async Task What_came_back_as_a_whole_some_times_is_only_announced_and_delivered_when_the_silo_says_so()
    {
        await ReturnAsync(_alice, times: 8);

        await _lanes.Route(Batch(_alice, ("t", "1"), ("t", "2"), ("u", "3")));
        var announced = await _silo.NextAsync();

        Assert.True(announced.IsAnnounced);
        Assert.Equal(["t:", "u:"], Said(announced));
        Assert.Equal(3, Assert.Single(announced.Envelope.Counts));
        Assert.Equal(announced.Envelope.Records.Bytes.Length, Assert.Single(announced.Envelope.Lengths));
        Assert.Empty(_wire.Said());
        Return(announced);
        Assert.Equal(["PUBLISH t=1", "PUBLISH t=2", "PUBLISH u=3"], await _wire.HearsAsync(3));
    }

    [Fact]
    public async Task What_the_silo_wants_to_have_is_sent_before_anything_else_and_so_is_what_comes_after()
    {
        await ReturnAsync(_alice, times: 8);
        await ReturnAsync(_bob, times: 8);
        await _lanes.Route(Batch(_alice, ("x", "fence")));
        var fence = await _silo.NextAsync();
        await _lanes.Route(Batch(_alice, ("t", "a1")));
        await _lanes.Route(Batch(_bob, ("t", "b1")));
        await _lanes.Route(Batch(_alice, ("t", "a2")));
        Return(fence);
        var announced = await _silo.NextAsync();
        await _lanes.Route(Batch(_alice, ("t", "a3")));

        var kept = announced.Envelope.Announced!;
        announced.Answer(new IngressAnswer { References = [kept[0], kept[1]], Wanted = [0, 2] });

        var wanted = await _silo.NextAsync();
        Assert.Equal(["PUBLISH t=b1"], _wire.Said());
        Assert.False(wanted.IsAnnounced);
        Assert.Equal(["t:a1", "t:a2"], Said(wanted));
        Assert.True(wanted.Envelope.Sequence > announced.Envelope.Sequence);
        wanted.Answer(IngressAnswer.AllWell);
        var next = await _silo.NextAsync();
        Assert.False(next.IsAnnounced);
        Assert.Equal(["t:a3"], Said(next));
    }

    [Fact]
    public async Task Others_in_the_same_envelope_are_sent_as_they_are()
    {
        await ReturnAsync(_alice, times: 8);
        await _lanes.Route(Batch(_alice, ("x", "fence")));
        var fence = await _silo.NextAsync();
        await _lanes.Route(Batch(_bob, ("t", "b1")));
        await _lanes.Route(Batch(_alice, ("t", "a1")));
        Return(fence);
        var mixed = await _silo.NextAsync();

        Assert.True(mixed.IsAnnounced);
        Assert.Equal(["t:b1", "t:"], Said(mixed));
        Return(mixed);
        Assert.Equal(["PUBLISH t=b1", "PUBLISH t=a1"], await _wire.HearsAsync(2));
    }

    [Fact]
    public async Task A_silo_that_takes_no_announcements_gets_no_second_one()
    {
        await ReturnAsync(_alice, times: 8);
        await _lanes.Route(Batch(_alice, ("t", "lost")));
        (await _silo.NextAsync()).Fail();

        await _lanes.Route(Batch(_alice, ("t", "sent")));

        var next = await _silo.NextAsync();
        Assert.False(next.IsAnnounced);
        Assert.Equal(["t:sent"], Said(next));
    }

    [Fact]
    public void Who_was_taken_for_a_local_one_in_error_has_to_prove_it_for_longer()
    {
        NoteReturns(times: 8);
        Assert.True(_alice.IsLocal);
        _alice.NoteReturn(isAll: false);
        NoteReturns(times: 15);
        Assert.False(_alice.IsLocal);
        NoteReturns(times: 1);
        Assert.True(_alice.IsLocal);

        void NoteReturns(int times)
        {
            for (var i = 0; i < times; i++)
                _alice.NoteReturn(isAll: true);
        }
    }

    private static PublicationBatch Batch(PublicationSource source, params (string Topic, string Payload)[] messages)
    {
        var batch = new PublicationBatch { Source = source };
        foreach (var (topic, payload) in messages)
            batch.Records.Add(new MessageRecord(Records.Of(topic, payload, QoS.AtMostOnce)));
        return batch;
    }

    private static List<string> Said(Sent sent)
    {
        var said = new List<string>();
        foreach (var record in sent.Envelope.Records)
            said.Add($"{Encoding.UTF8.GetString(record.Topic)}:{Records.PayloadOf(record)}");
        return said;
    }

    // All of each segment is for this gateway alone.
    private static void Return(Sent sent)
    {
        var references = new List<int>();
        var at = 0;
        for (var i = 0; i < sent.Envelope.Lengths.Length; i++)
        {
            var kept = sent.Envelope.Announced?[i] is > 0 and var bytes ? bytes : sent.Envelope.Lengths[i];
            references.AddRange([at, kept]);
            at += kept;
        }

        sent.Answer(new IngressAnswer { References = [.. references] });
    }

    private async Task ReturnAsync(PublicationSource source, int times)
    {
        for (var i = 0; i < times; i++)
        {
            await _lanes.Route(Batch(source, ("known", "")));
            Return(await _silo.NextAsync());
        }
    }
}
