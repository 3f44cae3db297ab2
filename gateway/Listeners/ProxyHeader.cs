using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Text;

namespace Orleans.Mqtt.Gateway.Listeners;

/// <summary>
/// The header of the PROXY protocol, versions 1 and 2: what a load balancer sends before the first byte of the client, so that
/// the client's address is not lost.
/// </summary>
internal static class ProxyHeader
{
    private const int LongestLine = 107; // of version 1, its end included
    private const int LongestBlock = 2048; // of version 2; its extras are skipped
    private const int FixedPart = 16;
    private const int Version2 = 2;
    private const int Local = 0;
    private const int Proxied = 1;
    private const int OverIPv4 = 0x11;
    private const int OverIPv6 = 0x21;
    private const int IPv4Addresses = 12;
    private const int IPv6Addresses = 36;

    private static ReadOnlySpan<byte> Signature => "\r\n\r\n\0\r\nQUIT\n"u8;

    private static ReadOnlySpan<byte> Word => "PROXY "u8;

    /// <summary>
    /// Cuts the header off; false when more bytes are needed. The client is null where the load balancer speaks for itself, as
    /// for its health checks, or does not say.
    /// </summary>
    /// <exception cref="FormatException">There is no such header.</exception>
    public static bool TryRead(ref ReadOnlySequence<byte> unread, out IPEndPoint? client)
    {
        client = null;
        if (unread.IsEmpty)
            return false;

        Span<byte> start = stackalloc byte[Math.Min(FixedPart, (int)Math.Min(unread.Length, FixedPart))];
        unread.Slice(0, start.Length).CopyTo(start);
        if (start[0] == Signature[0])
            return TryReadBlock(ref unread, start, out client);
        if (start[0] == Word[0])
            return TryReadLine(ref unread, out client);
        throw new FormatException("no PROXY header");
    }

    private static bool TryReadBlock(ref ReadOnlySequence<byte> unread, ReadOnlySpan<byte> start, out IPEndPoint? client)
    {
        client = null;
        var signature = start[..Math.Min(start.Length, Signature.Length)];
        if (!Signature.StartsWith(signature))
            throw new FormatException("no PROXY header");
        if (start.Length < FixedPart)
            return false;

        var length = BinaryPrimitives.ReadUInt16BigEndian(start[14..]);
        if (start[12] >> 4 != Version2 || (start[12] & 0xF) is not (Local or Proxied) || length > LongestBlock)
            throw new FormatException("a PROXY header of a kind that is not known");
        if (unread.Length < FixedPart + length)
            return false;

        Span<byte> body = stackalloc byte[IPv6Addresses];
        body = body[..Math.Min(length, body.Length)];
        unread.Slice(FixedPart, body.Length).CopyTo(body);
        unread = unread.Slice(FixedPart + length);
        if ((start[12] & 0xF) is Proxied)
            client = ClientOf(start[13], body);
        return true;
    }

    private static IPEndPoint? ClientOf(byte family, ReadOnlySpan<byte> body) => family switch
    {
        OverIPv4 when body.Length >= IPv4Addresses =>
            new IPEndPoint(new IPAddress(body[..4]), BinaryPrimitives.ReadUInt16BigEndian(body[8..])),
        OverIPv6 when body.Length >= IPv6Addresses =>
            new IPEndPoint(new IPAddress(body[..16]), BinaryPrimitives.ReadUInt16BigEndian(body[32..])),
        OverIPv4 or OverIPv6 => throw new FormatException("a PROXY header without its addresses"),
        _ => null,
    };

    private static bool TryReadLine(ref ReadOnlySequence<byte> unread, out IPEndPoint? client)
    {
        client = null;
        var bytes = new SequenceReader<byte>(unread.Slice(0, Math.Min(unread.Length, LongestLine)));
        if (!bytes.TryReadTo(out ReadOnlySpan<byte> line, "\r\n"u8))
        {
            return unread.Length < LongestLine ? false : throw new FormatException("a PROXY header that does not end");
        }

        client = ClientOf(Encoding.ASCII.GetString(line).Split(' '));
        unread = unread.Slice(bytes.Position);
        return true;
    }

    private static IPEndPoint? ClientOf(string[] words) => words switch
    {
        ["PROXY", "UNKNOWN", ..] => null,
        ["PROXY", "TCP4" or "TCP6", var from, _, var port, _]
            when IPAddress.TryParse(from, out var address)
            && ushort.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out var number) => new IPEndPoint(address, number),
        _ => throw new FormatException("a PROXY header that is not well-formed"),
    };
}
