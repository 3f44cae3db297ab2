using System.Buffers.Binary;
using System.Security.Cryptography;

namespace NATS.NKeys;

/// <summary>
/// How NATS writes keys: base32 of a prefix that says what kind of key it is, the 32 bytes, and a checksum.
/// </summary>
internal static class KeyText
{
    private const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    private const int BitsPerLetter = 5;
    private const int KeyLength = 32, ChecksumLength = 2;
    private const int SeedLength = 2 + KeyLength + ChecksumLength, PublicLength = 1 + KeyLength + ChecksumLength;

    // The five bits that become the first letter, 'S'.
    private const byte SeedPrefix = 18 << 3;

    /// <summary>The prefixes of public keys, by their letter: account, cluster, server (N), operator, user.</summary>
    private static readonly byte[] _kinds = [.. "ACNOU".Select(letter => (byte)(Alphabet.IndexOf(letter) << 3))];

    public static (byte Kind, byte[] Seed) DecodeSeed(ReadOnlySpan<char> text)
    {
        Span<byte> bytes = stackalloc byte[SeedLength];
        try
        {
            if (!TryDecode(text.Trim(), bytes))
                throw new FormatException("This is not the text of an NKey seed.");

            // Two prefixes share the first two bytes: five bits for 'S', then the eight bits of the public prefix.
            var kind = (byte)((bytes[0] & 0b111) << 5 | bytes[1] >> 3);
            if ((bytes[0] & 0b1111_1000) != SeedPrefix || !_kinds.Contains(kind))
                throw new FormatException("This NKey is not a seed.");
            return (kind, bytes.Slice(2, KeyLength).ToArray());
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
        }
    }

    public static string EncodePublicKey(byte kind, ReadOnlySpan<byte> key)
    {
        Span<byte> bytes = stackalloc byte[PublicLength];
        bytes[0] = kind;
        key.CopyTo(bytes[1..]);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[^ChecksumLength..], Checksum(bytes[..^ChecksumLength]));
        return Encode(bytes);
    }

    /// <summary>CRC-16 with the polynomial 0x1021 and 0 to begin with, as XMODEM has it.</summary>
    internal static ushort Checksum(ReadOnlySpan<byte> bytes)
    {
        ushort sum = 0;
        foreach (var value in bytes)
        {
            sum ^= (ushort)(value << 8);
            for (var bit = 0; bit < 8; bit++)
                sum = (sum & 0x8000) != 0 ? (ushort)(sum << 1 ^ 0x1021) : (ushort)(sum << 1);
        }

        return sum;
    }

    /// <summary>False unless the text is exactly as many bytes, canonically written, with a checksum that fits.</summary>
    private static bool TryDecode(ReadOnlySpan<char> text, Span<byte> bytes)
    {
        if (text.Length != (bytes.Length * 8 + BitsPerLetter - 1) / BitsPerLetter)
            return false;

        var (buffer, bits, at) = (0, 0, 0);
        foreach (var letter in text)
        {
            var value = Alphabet.IndexOf(letter);
            if (value < 0)
                return false;

            buffer = buffer << BitsPerLetter | value;
            bits += BitsPerLetter;
            if (bits < 8)
                continue;

            bits -= 8;
            bytes[at++] = (byte)(buffer >> bits);
            buffer &= (1 << bits) - 1;
        }

        return buffer == 0
            && Checksum(bytes[..^ChecksumLength]) == BinaryPrimitives.ReadUInt16LittleEndian(bytes[^ChecksumLength..]);
    }

    private static string Encode(ReadOnlySpan<byte> bytes)
    {
        var text = new List<char>();
        var (buffer, bits) = (0, 0);
        foreach (var value in bytes)
        {
            buffer = buffer << 8 | value;
            bits += 8;
            while (bits >= BitsPerLetter)
            {
                bits -= BitsPerLetter;
                text.Add(Alphabet[buffer >> bits]);
                buffer &= (1 << bits) - 1;
            }
        }

        if (bits > 0)
            text.Add(Alphabet[buffer << (BitsPerLetter - bits)]);
        return new string([.. text]);
    }
}
