using Orleans.Mqtt.Protocol.Topics;
using Orleans.Mqtt.Routing;

namespace Orleans.Mqtt.Gateway.Link;

/// <summary>
/// How many subscribers a filter has here, and what the cluster was told of it. A struct of 16 bytes, for there may be a
/// million of them.
/// </summary>
internal struct Interest
{
    private int _announcedMembers;

    /// <summary>Those whose sessions' queues bring the rest.</summary>
    public int QoS0Only;

    /// <summary>Of a shared filter these are its members.</summary>
    public int All;

    private RouteOptions _announced; // behind the numbers: between them it would take as much as one

    /// <summary>The cluster is being told.</summary>
    public bool IsOnItsWay;

    public readonly Wish WantedOf(string filter) => this switch
    {
        { All: > 0 } when SharedFilter.IsShared(filter) => new(RouteOptions.LiveQoS0, All),
        { All: > 0 } => new(RouteOptions.LiveQoS0 | RouteOptions.LiveAcknowledged),
        { QoS0Only: > 0 } => new(RouteOptions.LiveQoS0),
        _ => default,
    };

    public readonly Wish Announced => new(_announced, _announcedMembers);

    public void Announce(Wish wish)
    {
        (_announced, _announcedMembers) = wish;
        IsOnItsWay = true;
    }
}

/// <summary>What a gateway wants of the messages that match a filter.</summary>
/// <param name="Options">Whether any, and which.</param>
/// <param name="Members">How many share it here.</param>
internal readonly record struct Wish(RouteOptions Options, int Members = 0)
{
    public bool IsNothing => Options is RouteOptions.None;
}
