using Orleans.Concurrency;
using Orleans.Mqtt.Messages;
using Orleans.Mqtt.Protocol;

namespace Orleans.Mqtt.Sessions;

/// <summary>How a connection ended.</summary>
public enum CloseReason : byte
{
    /// <summary>The client said DISCONNECT: no will. [MQTT-3.1.2-10]</summary>
    Disconnected,

    /// <summary>Any other end, DISCONNECT with 0x04 among them: the will is published. [MQTT-3.1.2-8]</summary>
    Lost,
}

/// <summary>
/// The session as gateways and the router see it (key: client id). Applications use <see cref="ISessionGrain"/>.
/// Calls that carry an epoch are refused with <see cref="StaleEpochException"/> when a later one was given out.
/// </summary>
[Alias("mqtt.session-host")]
public interface ISessionHostGrain : IGrainWithStringKey
{
    /// <summary>
    /// Takes the client over for a new connection; the old one is closed before this returns. Refused, with the highest epoch
    /// so far, when the one that is asked for is not higher.
    /// </summary>
    [Alias("open")]
    Task<SessionTicket> Open(SessionRequest request);

    /// <summary>The client has its CONNACK: what waits may be offered.</summary>
    [Alias("resume")]
    Task Resume(long epoch);

    /// <summary>
    /// The connection has ended, or is not to begin any more. <paramref name="sessionExpiry"/> is what DISCONNECT said of the
    /// session's life, in seconds; null when CONNECT's word stands.
    /// </summary>
    [Alias("close")]
    Task Close(long epoch, CloseReason reason, uint? sessionExpiry);

    /// <summary>
    /// For persistent sessions, and for all that subscribe to something shared: returns when subscriptions and routes are stored and in force, and matching retained
    /// messages of QoS 1 and 2 are queued. The result has the retained messages that go out with QoS 0.
    /// <paramref name="request"/> counts the connection's requests to subscribe and unsubscribe: after a later one an earlier
    /// one is refused, for it is a call that was repeated, and comes late.
    /// </summary>
    [Alias("subscribe")]
    Task<MessageBatch> Subscribe(long epoch, long request, Subscription[] subscriptions);

    /// <summary>
    /// Asks for filters that one client of the cluster alone may hold (<c>$exclusive/...</c>): one answer each. What was
    /// given is the session's until it unsubscribes or ends.
    /// </summary>
    [Alias("claim")]
    Task<ReasonCode[]> Claim(long epoch, string[] filters);

    /// <summary>One answer a filter, whether a persistent session was subscribed to it. Gives up what was claimed.</summary>
    [Alias("unsubscribe")]
    Task<bool[]> Unsubscribe(long epoch, long request, string[] filters);

    /// <summary>
    /// What a client whose session is not stored has subscribed to and unsubscribed from, for those who watch clients. The
    /// session itself does not need it.
    /// </summary>
    [Alias("note-subscriptions")]
    Task NoteSubscriptions(long epoch, Subscription[] added, string[] removed);

    /// <summary>
    /// Appends to the queue. Returns when stored: null when all were taken, else one verdict a record. A record that the
    /// queue has had before, by publisher and sequence, is not taken again (promise P2).
    /// </summary>
    [Alias("enqueue"), AlwaysInterleave]
    Task<ReasonCode[]?> Enqueue(MessageBatch batch);

    /// <summary>Returns when every PUBREC among them is stored, so that PUBREL may leave.</summary>
    [Alias("settle"), AlwaysInterleave]
    Task Settle(long epoch, Settlement[] settlements);

    /// <summary>
    /// Takes in packet identifiers of QoS 2 publishes, with the sequences that they are to have, before they are routed. Gives
    /// the sequence of each: for a packet that is sent again the one that it had. Returns when stored. Refused when a later
    /// sequence has been taken in: then the call is one that was repeated, and comes late.
    /// </summary>
    [Alias("receive"), AlwaysInterleave]
    Task<ulong[]> Receive(long epoch, ushort[] packetIds, ulong[] sequences);

    /// <summary>
    /// PUBREL came for these, or they were refused: returns when they are forgotten, so that PUBCOMP may leave. One answer a
    /// packet, whether it was known. What has a higher sequence than <paramref name="upTo"/>, the last one that the
    /// connection had given when this was said, is another packet under the same identifier, and stays.
    /// </summary>
    [Alias("release"), AlwaysInterleave]
    Task<bool[]> Release(long epoch, ushort[] packetIds, ulong upTo);

    /// <summary>
    /// The lease of a gateway has ended: if the session was connected there, it has not been since
    /// <paramref name="since"/>, in milliseconds since 1970.
    /// </summary>
    [Alias("gateway-gone")]
    Task GatewayLost(string gatewayId, long since);

    /// <summary>Moves to another silo when nothing is being done for it; its connection does not notice.</summary>
    [Alias("move")]
    Task Move(SiloAddress silo);

    /// <summary>
    /// The durable timer of the session has come: publishes its will, ends it, or finds that there is nothing to do. The
    /// timer stays until that is done, so a call that failed is simply made again.
    /// </summary>
    [Alias("do-what-is-due")]
    Task DoWhatIsDue();
}
