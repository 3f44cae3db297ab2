using System.Buffers;
using System.IO.Pipelines;

namespace Orleans.Mqtt.Gateway.Connections;

/// <summary>Takes one packet off what is left of the bytes; null when it is not whole yet.</summary>
internal delegate TPacket? PacketParser<TPacket>(ref ReadOnlySequence<byte> unread)
    where TPacket : class;

/// <summary>Reads what a client says before it is in: one packet at a time.</summary>
internal static class PacketReading
{
    /// <summary>Null when the client went away.</summary>
    public static async Task<TPacket?> OneAsync<TPacket>(PipeReader input, PacketParser<TPacket> parse)
        where TPacket : class
    {
        while (true)
        {
            var read = await input.ReadAsync();
            var unread = read.Buffer;
            TPacket? packet = null;
            try
            {
                packet = parse(ref unread);
            }
            finally
            {
                // What came right behind the packet was not looked at: the next reader is to see it at once.
                input.AdvanceTo(unread.Start, packet is null ? unread.End : unread.Start);
            }

            if (packet is not null || read.IsCompleted || read.IsCanceled)
                return packet;
        }
    }
}
