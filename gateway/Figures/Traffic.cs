namespace Orleans.Mqtt.Gateway.Figures;

/// <summary>
/// What crossed the sockets of this gateway since its start. Told once a read and once a flush, not once a packet: many
/// threads share these numbers.
/// </summary>
internal sealed class Traffic
{
    private long _packetsReceived, _bytesReceived, _packetsSent, _bytesSent, _messagesSent;

    /// <summary>Control packets of any type, but for those of a CONNECT that was refused.</summary>
    public (long Received, long Sent) Packets => (Interlocked.Read(ref _packetsReceived), Interlocked.Read(ref _packetsSent));

    /// <summary>Of these packets; neither TLS nor WebSocket frames count.</summary>
    public (long Received, long Sent) Bytes => (Interlocked.Read(ref _bytesReceived), Interlocked.Read(ref _bytesSent));

    /// <summary>PUBLISH packets to clients.</summary>
    public long MessagesSent => Interlocked.Read(ref _messagesSent);

    public void Received(int packets, long bytes)
    {
        Interlocked.Add(ref _packetsReceived, packets);
        Interlocked.Add(ref _bytesReceived, bytes);
    }

    public void Sent(int packets, int messages, long bytes)
    {
        Interlocked.Add(ref _packetsSent, packets);
        Interlocked.Add(ref _bytesSent, bytes);
        if (messages > 0)
            Interlocked.Add(ref _messagesSent, messages);
    }
}
