using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Orleans.Mqtt.Ingress;
using Orleans.Mqtt.Mirroring;
using Orleans.Mqtt.Protocol;
using Orleans.Mqtt.Protocol.Properties;
using Orleans.Mqtt.Silo.Nats;
using Orleans.Mqtt.Tests.Nats.Support;

namespace Orleans.Mqtt.Tests.Nats.Buffering;

/// <summary>What waits for NATS, without one.</summary>
public sealed class MirrorTests : IDisposable
{
    private const int Limit = 65_536;

    private readonly CountedMeters _meters = new();
    private readonly FakeOutlet _outlet = new();

    [Fact]
    public void What_waits_is_limited_and_what_is_left_out_is_counted()
    {
        var mirror = NewMirror(new NatsOptions { BufferBytes = Limit });

        for (var n = 0; n < 100; n++)
            Assert.True(Mirror(mirror, Batch(QoS.AtLeastOnce, new string('x', 1_000))).IsCompletedSuccessfully);

        Assert.InRange(mirror.Buffer.Bytes, Limit - 2_000, Limit);
        var kept = mirror.Buffer.Bytes / 1_041;
        Assert.Equal(100 - kept, _meters.Count("mqtt.nats.dropped"));
        Assert.Equal(mirror.Buffer.Bytes, _meters.Gauge("mqtt.nats.buffered"));
    }

    [Fact]
    public void A_batch_larger_than_the_buffer_fits_when_nothing_else_waits()
    {
        var mirror = NewMirror(new NatsOptions { BufferBytes = Limit });

        Mirror(mirror, Batch(QoS.AtMostOnce, new string('x', 2 * Limit)));

        Assert.Equal(0, _meters.Count("mqtt.nats.dropped"));
        Assert.True(mirror.Buffer.TryPeek(out _));
    }

    [Fact]
    public async Task What_is_required_waits_beyond_the_limit_in_its_order()
    {
        var mirror = NewMirror(new NatsOptions { BufferBytes = Limit, JetStream = true, Required = true });
        var sender = NewSender(mirror);
        var batches = Enumerable.Range(0, 200).Select(n => Batch(QoS.AtLeastOnce, $"{n}".PadRight(1_000))).ToList();

        var waiting = batches.ConvertAll(batch => Mirror(mirror, batch));
        Assert.DoesNotContain(waiting, task => task.IsCompleted);
        Assert.True(Mirror(mirror, Batch(QoS.AtMostOnce, new string('x', 2_000))).IsCompletedSuccessfully);
        Assert.Equal(1, _meters.Count("mqtt.nats.dropped"));
        await SendAllAsync(mirror, sender);

        await Task.WhenAll(waiting).WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
        Assert.Equal(Enumerable.Range(0, 200).Select(n => $"{n}"), _outlet.Sent.Select(text => text.Trim()));
        Assert.Equal(0, mirror.Buffer.Bytes);
    }

    [Theory, InlineData(false, new[] { "1", "2", "4" }), InlineData(true, new[] { "0", "1", "2", "3", "4" })]
    public async Task What_may_have_arrived_is_sent_again_but_for_QoS_0_that_nobody_could_tell_from_a_new_one(
        bool repeatsQoS0, string[] again)
    {
        var mirror = NewMirror(new NatsOptions());
        var sender = NewSender(mirror);
        QoS[] levels = [QoS.AtMostOnce, QoS.AtLeastOnce, QoS.ExactlyOnce, QoS.AtMostOnce, QoS.AtMostOnce];
        for (var n = 0; n < levels.Length; n++)
            await Mirror(mirror, Batch(levels[n], $"{n}"));
        _outlet.RepeatsQoS0 = repeatsQoS0;
        _outlet.BreaksAfter = 3;

        await Assert.ThrowsAsync<IOException>(() => SendAllAsync(mirror, sender));
        Assert.Equal(["0", "1", "2"], _outlet.Sent);
        _outlet.Sent.Clear();
        _outlet.BreaksAfter = int.MaxValue;
        await SendAllAsync(mirror, sender);

        Assert.Equal(again, _outlet.Sent);
        Assert.Equal(repeatsQoS0 ? 0 : 2, _meters.Count("mqtt.nats.dropped"));
    }

    [Fact]
    public async Task Nothing_overtakes_the_first_message_to_a_stream_that_may_not_take_it_yet()
    {
        var mirror = NewMirror(new NatsOptions());
        var sender = NewSender(mirror);
        for (var n = 0; n < 5; n++)
            await Mirror(mirror, Batch(QoS.AtLeastOnce, $"{n}"));
        _outlet.IsUntried = true;
        _outlet.FailsToConfirm = true;

        await Assert.ThrowsAsync<IOException>(() => SendAllAsync(mirror, sender));

        Assert.Equal(["0"], _outlet.Sent);
    }

    [Fact]
    public async Task A_message_keeps_its_identity_when_it_is_sent_again_and_shares_it_with_none()
    {
        var mirror = NewMirror(new NatsOptions());
        var sender = NewSender(mirror);
        for (var n = 0; n < 10; n++)
        {
            await Mirror(mirror, Batch((QoS)(n % 3), "x", sequence: (ulong)n / 3 + 1));
            mirror.Tell(new ClientEvent(ClientEventKind.Connected, "c", 1));
        }

        _outlet.RepeatsQoS0 = true;
        _outlet.FailsToConfirm = true;
        await Assert.ThrowsAsync<IOException>(() => SendAllAsync(mirror, sender));
        var first = _outlet.Identities.ToList();
        _outlet.Identities.Clear();
        _outlet.FailsToConfirm = false;
        await SendAllAsync(mirror, sender);

        Assert.Equal(20, first.Distinct().Count());
        Assert.Equal(first, _outlet.Identities);
    }

    [Fact]
    public void A_direction_that_is_switched_off_costs_nothing()
    {
        var mirror = NewMirror(new NatsOptions { Prefix = "", EventsPrefix = "" });

        Mirror(mirror, Batch(QoS.AtLeastOnce, "x"));

        Assert.False(mirror.HearsOfClients);
        Assert.False(mirror.Buffer.TryPeek(out _));
    }

    public void Dispose() => _meters.Dispose();

    private NatsMirror NewMirror(NatsOptions options) => new(
        Options.Create(options), new NatsMetrics(_meters), TimeProvider.System, NullLogger<NatsMirror>.Instance);

    private static Task Mirror(NatsMirror mirror, PublicationBatch batch) => mirror.Mirror(batch).AsTask();

    private NatsSender NewSender(NatsMirror mirror) => new(
        mirror, new CopyWriter("mqtt", "events", "here", TimeProvider.System), Options.Create(new NatsOptions()), new NatsMetrics(_meters),
        TimeProvider.System, NullLogger<NatsSender>.Instance);

    private async Task SendAllAsync(NatsMirror mirror, NatsSender sender)
    {
        while (mirror.Buffer.TryPeek(out var run))
        {
            await sender.SendAsync(run, _outlet, TestContext.Current.CancellationToken);
            mirror.Buffer.Complete(run);
        }
    }

    private static PublicationBatch Batch(QoS qos, string payload, ulong sequence = 1)
    {
        var batch = new InletBatch();
        batch.Add(
            "a", System.Text.Encoding.UTF8.GetBytes(payload), new Asked(qos, Retain: false, Expiry: null, MessageProperties.None),
            replyTo: null, publisher: 7, sequence, now: default);
        batch.Publications.Source = new PublicationSource("c");
        return batch.Publications;
    }
}
