using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Orleans.Mqtt.Grains;
using Orleans.Mqtt.Grains.Sharing;
using Orleans.Mqtt.Messages;
using Orleans.Mqtt.Protocol;
using Orleans.Serialization;

namespace Orleans.Mqtt.Tests.Store.Sharing;

/// <summary>
/// A share on a real store, with the gateway's real flow to each member, whose activation is lost now and then: what its
/// publishers were promised is written down here and held against what its members heard. On one scheduler, like a grain.
/// </summary>
internal sealed class ShareModel : IAsyncDisposable
{
    public const string Filter = "$share/g/t";

    private const int MessagesInMemory = 8;

    private readonly TestStore _store;
    private readonly Serializer _serializer =
        new ServiceCollection().AddSerializer().BuildServiceProvider().GetRequiredService<Serializer>();

    private readonly ulong[] _sequences = new ulong[3];
    private StoredShare? _share;

    public ShareModel(TestStore store, Random random)
    {
        _store = store;
        Random = random;
        Members = [.. Enumerable.Range(0, 4).Select(i => new ModelMember(this, $"m{i}", isPersistent: i < 2, index: i))];
    }

    public Random Random { get; }

    public ModelMember[] Members { get; }

    /// <summary>What the share has taken: the publishers were told that it is safe.</summary>
    public List<(string Text, QoS QoS)> Accepted { get; } = [];

    /// <summary>QoS 2 messages that may have been sent to a session that has ended: those must not go to another.</summary>
    public HashSet<string> MayBeLost { get; } = [];

    /// <summary>What happened, for people.</summary>
    public List<string> Transcript { get; } = [];

    public ShareDelivery Delivery => _share!.Delivery;

    public async Task BeginAsync()
    {
        var settings = Options.Create(new SessionOptions { MessagesInMemory = MessagesInMemory, MaximumInFlight = 4 });
        var loader = new StoredShare.Loader(
            _store.Sessions, _serializer, settings, Options.Create(new SharingOptions()), new BrokerMetrics(new NoMeters()),
            new SkewedTime(TimeSpan.FromSeconds(Random.Next(-60, 60)))); // each silo has its own idea of it
        _share = await loader.LoadAsync(Filter, create: true, _ => { });
        foreach (var member in _share!.Members.All.ToArray())
        {
            var model = Members.Single(known => known.ClientId == member.ClientId);
            if (member.Membership.GatewayId is not null)
                Delivery.Connect(member, model.Link);
        }
    }

    /// <summary>The silo dies: whatever was in memory is gone. Members notice nothing.</summary>
    public Task CrashAsync()
    {
        Transcript.Add("crash");
        Delivery.Stop();
        return BeginAsync();
    }

    public async Task PublishAsync()
    {
        var publisher = Random.Next(_sequences.Length);
        var qos = (QoS)Random.Next(1, 3);
        var block = new RecordBlock();
        var texts = new List<string>();
        for (var i = Random.Next(1, 6); i > 0; i--)
        {
            texts.Add($"{publisher}.{++_sequences[publisher]}");
            block.Add(new MessageRecord(RecordOf(texts[^1], qos, publisher)));
        }

        var batch = MessageBatch.From(block);
        var isRepeated = Random.Next(4) == 0;
        Assert.Null(await Delivery.EnqueueAsync(batch));
        if (isRepeated)
            Assert.Null(await Delivery.EnqueueAsync(batch));
        Transcript.Add($"stored {string.Join(' ', texts)} QoS {(int)qos}");
        Accepted.AddRange(texts.Select(text => (text, qos)));
    }

    /// <summary>As the grain does it: false when nothing is left of a member that is leaving.</summary>
    public async Task<bool> SetAsync(ModelMember member)
    {
        var membership = member.Membership;
        if (membership.IsLeaving && _share!.Members.Find(member.ClientId) is null)
            return false;
        await _share!.SetAsync(membership, member.IsConnected ? member.Link : null);
        return !membership.IsLeaving || await StaysAsync(_share.Members.Find(member.ClientId)!);
    }

    /// <summary>True while the member has something to finish.</summary>
    public async Task<bool> LeaveAsync(ModelMember member, bool hasEnded)
    {
        if (_share!.Members.Find(member.ClientId) is not { } seat)
            return false;

        if (!hasEnded)
        {
            await _share.LeaveAsync(seat);
            return await StaysAsync(seat);
        }

        await _share.RemoveAsync(seat);
        return false;
    }

    private async Task<bool> StaysAsync(ShareMember seat)
    {
        if (Delivery.HasFlights(seat))
            return true;
        await _share!.RemoveAsync(seat);
        return false;
    }

    /// <summary>Everything was finished, so nothing is left in the store but the members.</summary>
    public async Task DemandEmptyAsync()
    {
        Delivery.Stop();
        var claim = await _store.Claim(ShareNames.Of(Filter), firstRecords: 10);
        Assert.Equal(0, claim.QueueLength);
        Assert.DoesNotContain(claim.Fields, field => field.Key[0] is ShareFields.GivenPrefix or ShareFields.ParkedPrefix);
    }

    public ValueTask DisposeAsync() => _store.DisposeAsync();

    private byte[] RecordOf(string text, QoS qos, int publisher)
    {
        var payload = System.Text.Encoding.UTF8.GetBytes(text);
        var record = new byte[MessageRecord.Measure(1, payload.Length, 0)];
        var flags = (RecordFlags)qos | (qos is QoS.ExactlyOnce ? RecordFlags.ExactlyOnce : RecordFlags.None);
        MessageRecord.WriteHeader(record, flags, 1, payload.Length, 0, (ulong)publisher + 1, _sequences[publisher]);
        record[MessageRecord.HeaderSize] = (byte)'t';
        payload.CopyTo(record, MessageRecord.HeaderSize + 1);
        return record;
    }

    private sealed class SkewedTime(TimeSpan skew) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + skew;
    }

    private sealed class NoMeters : System.Diagnostics.Metrics.IMeterFactory
    {
        public System.Diagnostics.Metrics.Meter Create(System.Diagnostics.Metrics.MeterOptions options) => new(options);

        public void Dispose()
        {
        }
    }
}
