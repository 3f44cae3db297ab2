using System.IO.Pipelines;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Orleans.Mqtt.Delivery;
using Orleans.Mqtt.Gateway.Connections;
using Orleans.Mqtt.Gateway.Sharing;
using Orleans.Mqtt.Grains.Sharing;
using Orleans.Mqtt.Messages;
using Orleans.Mqtt.Protocol;
using Orleans.Mqtt.Protocol.Codec;
using Orleans.Mqtt.Protocol.Packets;
using Orleans.Mqtt.Sessions;
using Orleans.Mqtt.Sharing;

namespace Orleans.Mqtt.Tests.Store.Sharing;

/// <summary>A member as its gateway and its client together: keeps the client's part of the protocol to the letter.</summary>
internal sealed class ModelMember(ShareModel model, string clientId, bool isPersistent, int index) : IGatewayPort
{
    private readonly HashSet<ushort> _held = []; // QoS 2: heard, and no PUBREL yet
    private readonly List<AckPacket> _owed = [];
    private readonly Dictionary<long, string> _sentExactlyOnce = [];
    private SharedFlow? _flow;
    private Pipe _pipe = new();
    private long _epoch;
    private bool _isLeaving;

    public string ClientId => clientId;

    public string GatewayId => clientId;

    public IGatewayDesk Desk => throw new NotSupportedException();

    public bool IsConnected => _flow is not null;

    public bool IsSubscribed { get; private set; }

    /// <summary>What the application behind the client was given.</summary>
    public List<(string Text, QoS QoS)> Heard { get; } = [];

    public ShareLink Link => new(this, _epoch, Window: 3);

    public Membership Membership => new()
    {
        ClientId = clientId,
        QoS = QoS.ExactlyOnce,
        FirstPacketId = PacketIdentifiers.OfShare(index),
        Epoch = _epoch,
        GatewayId = IsConnected ? clientId : null,
        Window = 3,
        IsLeaving = _isLeaving,
    };

    public async Task ConnectAsync()
    {
        _epoch++;
        model.Transcript.Add($"{clientId} connects");
        _pipe = new Pipe(new PipeOptions(pauseWriterThreshold: 0, useSynchronizationContext: false));
        var outbox = new Outbox(_pipe.Writer, new ClientTerms(ProtocolVersion.V311), int.MaxValue, TimeProvider.System);
        _flow = new SharedFlow(outbox, new ShareSettlements(
            ShareFactory.Of(new Share(model)), clientId, outbox, TimeProvider.System, NullLogger.Instance, CancellationToken.None));
        if (!isPersistent)
            _held.Clear(); // its earlier session is over
        if (IsSubscribed || !isPersistent)
            await SubscribeAsync();
        else if (_isLeaving)
            _isLeaving = await model.SetAsync(this);
    }

    public async Task DisconnectAsync()
    {
        model.Transcript.Add($"{clientId} disconnects");
        Listen(); // what is in the socket may be read or not; this client reads it
        _flow = null;
        _owed.Clear();
        if (isPersistent)
        {
            if (IsSubscribed || _isLeaving)
                _isLeaving = await model.SetAsync(this) && _isLeaving;
            return;
        }

        model.MayBeLost.UnionWith(_sentExactlyOnce.Values);
        _sentExactlyOnce.Clear();
        (IsSubscribed, _isLeaving) = (false, false);
        await model.LeaveAsync(this, hasEnded: true);
    }

    /// <summary>Says UNSUBSCRIBE, and finishes what it was sent.</summary>
    public async Task UnsubscribeAsync()
    {
        model.Transcript.Add($"{clientId} unsubscribes");
        _isLeaving = await model.LeaveAsync(this, hasEnded: false);
        IsSubscribed = false;
        _flow!.Unsubscribe(ShareModel.Filter);
    }

    public Task SubscribeAsync()
    {
        model.Transcript.Add($"{clientId} subscribes");
        (IsSubscribed, _isLeaving) = (true, false);
        _flow!.Subscribe(new Subscription { Filter = ShareModel.Filter, QoS = QoS.ExactlyOnce });
        return model.SetAsync(this);
    }

    /// <summary>Reads what was sent, then answers some of it.</summary>
    public void Answer(int most)
    {
        Listen();
        for (var i = 0; i < most && _owed.Count > 0; i++)
        {
            var answer = _owed[model.Random.Next(_owed.Count)];
            _owed.Remove(answer);
            model.Transcript.Add($"{clientId} says {answer.Type} {answer.PacketId}");
            _flow!.OnAck(answer);
        }

        _flow?.Settle();
    }

    public async ValueTask<ShareAnswer> OfferShared(string client, long epoch, ShareOffer offer)
    {
        Note(offer);
        var fate = model.Random.Next(20);
        if (fate == 0)
            throw new TimeoutException("It did not come.");
        if (fate < 4)
            await Task.Yield();

        var answer = epoch == _epoch && _flow is not null ? _flow.Deliver(offer) : ShareAnswer.NotConnected;
        model.Transcript.Add($"{clientId} was offered {string.Join(' ', Texts(offer))}: {answer}, {fate}");
        return fate == 4 ? throw new TimeoutException("It may have come.") : answer;
    }

    public IDeliveryRun Begin() => throw new NotSupportedException();

    public ValueTask<bool> Offer(string client, long epoch, MessageBatch batch) => throw new NotSupportedException();

    public ValueTask Disconnect(string client, long epoch, ReasonCode reason) => throw new NotSupportedException();

    private static string PayloadOf(in PublishPacket publish)
    {
        var payload = new byte[publish.PayloadLength];
        publish.CopyPayloadTo(payload);
        return Encoding.UTF8.GetString(payload);
    }

    private static List<string> Texts(ShareOffer offer)
    {
        var texts = new List<string>();
        foreach (var record in offer.Messages)
            texts.Add($"{Encoding.UTF8.GetString(record.Payload)}/{record.Position % 1000}/{record.Sequence}/{record.Flags}");
        return texts;
    }

    private void Note(ShareOffer offer)
    {
        foreach (var record in offer.Messages)
        {
            if (record.QoS is QoS.ExactlyOnce)
                _sentExactlyOnce[record.Position] = Encoding.UTF8.GetString(record.Payload);
        }
    }

    private void Listen()
    {
        if (_flow is null || !_pipe.Reader.TryRead(out var read))
            return;

        var unread = read.Buffer;
        while (Frame.TryRead(ref unread, int.MaxValue, out var frame))
            Hear(frame);
        _pipe.Reader.AdvanceTo(unread.Start, unread.End);
    }

    private void Hear(in Frame frame)
    {
        if (frame.Type is PacketType.PubRel)
        {
            var packetId = AckPacket.Read(frame, ProtocolVersion.V311).PacketId;
            _held.Remove(packetId);
            _owed.Add(new AckPacket(PacketType.PubComp, packetId));
            return;
        }

        var publish = PublishPacket.ReadFromServer(frame, ProtocolVersion.V311);
        if (publish.QoS is QoS.AtLeastOnce || _held.Add(publish.PacketId))
        {
            model.Transcript.Add($"{clientId} hears {PayloadOf(publish)} {publish.PacketId}");
            Heard.Add((PayloadOf(publish), publish.QoS));
        }

        _owed.Add(new AckPacket(publish.QoS is QoS.AtLeastOnce ? PacketType.PubAck : PacketType.PubRec, publish.PacketId));
    }

    /// <summary>The share as the gateway calls it: whichever activation is there.</summary>
    private sealed class Share(ShareModel model) : IShareGrain
    {
        public async Task Settle(string client, Settlement[] settlements)
        {
            var said = string.Join(' ', settlements.Select(one => $"{one.Kind}/{one.Position % 1000}"));
            model.Transcript.Add($"{client} tells {said}");
            await model.Delivery.SettleAsync(client, settlements);
            model.Transcript.Add($"{client} was heard: {said}");
        }

        public Task<bool> Join(Membership member) => throw new NotSupportedException();

        public Task<bool> Leave(string client, long epoch, bool hasEnded) => throw new NotSupportedException();

        public Task<ReasonCode[]?> Enqueue(MessageBatch batch) => throw new NotSupportedException();

        public Task<Membership[]> Members() => throw new NotSupportedException();

        public Task Wake() => throw new NotSupportedException();
    }
}
