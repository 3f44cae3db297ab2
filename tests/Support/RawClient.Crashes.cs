namespace Orleans.Mqtt.Tests.Support;

// What only tests of crashes ask of a client.
public sealed partial class RawClient
{
    /// <summary>The next packet; nothing when the broker is gone, be it in the middle of a packet.</summary>
    public async Task<RawPacket?> TryReceiveAsync()
    {
        try
        {
            return await ReadAsync("a packet, or the end of the connection");
        }
        catch (EndOfStreamException)
        {
            return null;
        }
    }
}
