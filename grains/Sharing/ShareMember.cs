using Orleans.Mqtt.Delivery;
using Orleans.Mqtt.Protocol;
using Orleans.Mqtt.Sessions;
using Orleans.Mqtt.Sharing;

namespace Orleans.Mqtt.Grains.Sharing;

/// <summary>The way to a member that is connected.</summary>
internal sealed record ShareLink(IGatewayPort Port, long Epoch, int Window);

/// <summary>A member at work: what it was given, and what of that it has in flight.</summary>
internal sealed class ShareMember(Membership membership)
{
    private readonly bool[] _taken = new bool[PacketIdentifiers.PerShare];
    private int _last;

    /// <summary>As stored.</summary>
    public Membership Membership { get; set; } = membership;

    public string ClientId => Membership.ClientId;

    public QoS QoS => Membership.QoS;

    /// <summary>Null while the member is away or out of reach.</summary>
    public ShareLink? Link { get; set; }

    /// <summary>The link that an offer is under way on: one at a time, so that none overtakes another.</summary>
    public ShareLink? OfferingOn { get; set; }

    /// <summary>It is on the list of those to whom something may be sent.</summary>
    public bool IsTouched { get; set; }

    /// <summary>Given to the member and not sent yet.</summary>
    public Queue<ShareFlight> Backlog { get; } = new();

    /// <summary>Flights with a packet identifier.</summary>
    public int InFlight { get; private set; }

    /// <summary>All that it was given and has not finished.</summary>
    public int Held => InFlight + Backlog.Count;

    public bool HasWindow => InFlight < Math.Min(Link!.Window, PacketIdentifiers.PerShare);

    /// <summary>Gives a flight its packet identifier: each in turn, so that a late answer does not meet a new message.</summary>
    public void TakePacketId(ShareFlight flight)
    {
        do
        {
            _last = (_last + 1) % PacketIdentifiers.PerShare;
        }
        while (_taken[_last]);
        flight.PacketId = (ushort)(Membership.FirstPacketId + _last);
        Occupy(flight);
    }

    /// <summary>Takes up a flight that has its packet identifier.</summary>
    public void Occupy(ShareFlight flight)
    {
        _taken[flight.PacketId - Membership.FirstPacketId] = true;
        InFlight++;
    }

    public void Release(ShareFlight flight)
    {
        if (flight.PacketId == 0)
            return;
        _taken[flight.PacketId - Membership.FirstPacketId] = false;
        flight.PacketId = 0;
        InFlight--;
    }
}
