using System.Buffers.Text;

namespace Orleans.Mqtt.Silo.Embedded;

/// <summary>Cuts commands off what a client has sent: arrays of bulk strings.</summary>
internal static class RequestReader
{
    public const int MostParts = 1_000_000;
    public const int MostBytes = 512 * 1024 * 1024;

    /// <summary>
    /// True with a command and the place behind it. False when it is not all here; <paramref name="needed"/> is then the
    /// least size of the buffer from its start.
    /// </summary>
    /// <exception cref="InvalidDataException">It is no command, or beyond the limits.</exception>
    public static bool TryRead(
        byte[] buffer, int filled, int mostParts, int mostBytes, ref int at, Arguments command, out int needed)
    {
        var place = at;
        needed = filled + 1;
        if (!TryNumber(buffer, filled, (byte)'*', mostParts, ref place, out var parts))
            return false;

        command.Reset(buffer);
        for (var part = 0; part < parts; part++)
        {
            if (!TryNumber(buffer, filled, (byte)'$', mostBytes, ref place, out var length))
                return false;

            if (filled - place < length + 2)
            {
                needed = checked(place + length + 2);
                return false;
            }

            command.Add(place, length);
            place += length + 2;
        }

        at = place;
        return true;
    }

    private static bool TryNumber(byte[] buffer, int filled, byte mark, int most, ref int at, out int number)
    {
        number = 0;
        if (at == filled)
            return false;

        var line = buffer.AsSpan(at, filled - at);
        if (line[0] != mark)
            throw new InvalidDataException("Not a command.");

        var end = line.IndexOf("\r\n"u8);
        if (end < 0)
            return line.Length < 32 ? false : throw new InvalidDataException("Not a number.");

        if (!Utf8Parser.TryParse(line[1..end], out number, out var digits) || digits != end - 1
            || number < 0 || number > most)
        {
            throw new InvalidDataException("Not a number within the limits.");
        }

        at += end + 2;
        return true;
    }
}
