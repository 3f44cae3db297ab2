using Orleans.Mqtt.Delivery;
using Orleans.Mqtt.Messages;
using Orleans.Mqtt.Protocol;
using Orleans.Mqtt.Sharing;

namespace Orleans.Mqtt.Tests.Unit.Grains.Routing;

/// <summary>A gateway that notes what it is sent.</summary>
internal sealed class TestPort(string id) : IGatewayPort, IDeliveryRun
{
    public string GatewayId => id;

    public IGatewayDesk Desk => throw new NotSupportedException();

    public List<string> Heard { get; } = [];

    public int Runs { get; private set; }

    public int Completed { get; private set; }

    public IDeliveryRun Begin()
    {
        Runs++;
        return this;
    }

    public void Add(in MessageRecord record) => Heard.Add(Records.PayloadOf(record));

    public void AddShared(in MessageRecord record, SharePlace place) =>
        Heard.Add($"{Records.PayloadOf(record)}@{place.Handle}/{place.Seat}");

    public ValueTask Complete()
    {
        Completed++;
        return ValueTask.CompletedTask;
    }

    public ValueTask<bool> Offer(string clientId, long epoch, MessageBatch batch) => ValueTask.FromResult(false);

    public ValueTask<ShareAnswer> OfferShared(string clientId, long epoch, ShareOffer offer) =>
        ValueTask.FromResult(ShareAnswer.NotConnected);

    public ValueTask Disconnect(string clientId, long epoch, ReasonCode reason) => ValueTask.CompletedTask;
}
