using Orleans.Concurrency;
using Orleans.Mqtt.Messages;
using Orleans.Mqtt.Protocol;
using Orleans.Mqtt.Sessions;

namespace Orleans.Mqtt.Sharing;

/// <summary>
/// One shared subscription (key: the whole filter, "$share/NAME/FILTER"): its members, and the stored queue from which each
/// message of QoS 1 and 2 goes to one of them. What a member has not finished when its connection ends goes to another,
/// but for a QoS 2 message that may have been sent: it stays with the session [MQTT-4.8.2-4] or ends with it [MQTT-4.8.2-5].
/// </summary>
[Alias("mqtt.share")]
public interface IShareGrain : IGrainWithStringKey
{
    /// <summary>
    /// Says what a member is now: new, connected, away. Returns when that is stored and the share's route in force. False
    /// when nothing is left of a member that is leaving: its session may forget the share.
    /// </summary>
    [Alias("join")]
    Task<bool> Join(Membership member);

    /// <summary>
    /// The member has unsubscribed, or its session <paramref name="hasEnded"/>. True while messages that were sent to it are
    /// to be finished [MQTT-3.10.4-3]: then it is a leaving member. The share ends with its last member.
    /// </summary>
    [Alias("leave")]
    Task<bool> Leave(string clientId, long epoch, bool hasEnded);

    /// <summary>See <see cref="ISessionHostGrain.Enqueue"/>.</summary>
    [Alias("enqueue"), AlwaysInterleave]
    Task<ReasonCode[]?> Enqueue(MessageBatch batch);

    /// <summary>Returns when every PUBREC among them is stored, so that PUBREL may leave.</summary>
    [Alias("settle"), AlwaysInterleave]
    Task Settle(string clientId, Settlement[] settlements);

    /// <summary>Takes the share up from the store if nobody has it: what waits is sent.</summary>
    [Alias("wake")]
    Task Wake();

    /// <summary>Who is in it, connected or not, without those that are leaving.</summary>
    [Alias("members")]
    Task<Membership[]> Members();
}
