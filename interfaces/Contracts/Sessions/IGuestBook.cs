namespace Orleans.Mqtt.Sessions;

/// <summary>
/// Lets clients in whose session is stored nowhere and ends with their connection, without waking a grain for each. There
/// is one only where one silo and one gateway share a process and the store: elsewhere the grain is the one place that all
/// gateways ask. The grain, once something wakes it, takes its guest over from the book and is the owner from there on.
/// </summary>
public interface IGuestBook
{
    /// <summary>The ticket of a new connection; null when the session's grain is to be asked.</summary>
    SessionTicket? Enter(string clientId, SessionRequest request);

    /// <summary>The connection has ended; false when the session's grain is to hear of it.</summary>
    bool Leave(string clientId, long epoch, CloseReason reason);
}
