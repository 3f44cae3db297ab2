using Orleans.Mqtt.Sessions;

namespace Orleans.Mqtt.Gateway.Connections;

/// <summary>
/// Lets those who watch clients know what a client subscribes to whose session is not stored: its grain has no other need
/// to hear of it.
/// </summary>
internal static class SubscriptionNotes
{
    public static async Task TellAsync(
        GatewayParts gateway, Admission admission, MqttConnection connection, Subscription[] added, string[] removed)
    {
        if (!admission.Ticket.TellsSubscriptions || added.Length + removed.Length == 0)
            return;

        try
        {
            await connection.Session.NoteSubscriptions(admission.Ticket.Epoch, added, removed);
        }
        catch (Exception failure)
        {
            // An event less for a watcher is no reason to trouble the client.
            Log.SubscriptionsNotTold(gateway.Log, admission.Client.ClientId, failure.Message);
        }
    }
}
