using System.Numerics;

namespace Orleans.Mqtt.Tests.Nats.Keys;

/// <summary>The text of NKeys, written a second time and another way, to check the first.</summary>
internal static class SeedText
{
    private const string Letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

    /// <summary>A seed of the kind.</summary>
    public static string Of(char kind, byte[] secret)
    {
        var prefix = (18 << 11) | (Letters.IndexOf(kind) << 3 << 3);
        return Encode([(byte)(prefix >> 8), (byte)prefix, .. secret]);
    }

    public static string PublicOf(char kind, byte[] key) => Encode([(byte)(Letters.IndexOf(kind) << 3), .. key]);

    /// <summary>The bytes, checksum included.</summary>
    public static byte[] Decode(string text)
    {
        var number = text.Aggregate(BigInteger.Zero, (sum, letter) => (sum << 5) | Letters.IndexOf(letter));
        return (number >> (text.Length * 5 % 8)).ToByteArray(isUnsigned: true, isBigEndian: true);
    }

    private static string Encode(byte[] bytes)
    {
        var sum = Checksum(bytes);
        byte[] all = [.. bytes, (byte)sum, (byte)(sum >> 8)];
        var length = ((all.Length * 8) + 4) / 5;
        var number = new BigInteger(all, isUnsigned: true, isBigEndian: true) << ((length * 5) - (all.Length * 8));
        return new string([.. Enumerable.Range(1, length).Select(at => Letters[(int)((number >> ((length - at) * 5)) & 31)])]);
    }

    /// <summary>CRC-16/XMODEM as the remainder of a long division.</summary>
    private static int Checksum(byte[] bytes)
    {
        var rest = new BigInteger(bytes, isUnsigned: true, isBigEndian: true) << 16;
        for (var bit = (int)rest.GetBitLength() - 1; bit >= 16; bit--)
        {
            if (!((rest >> bit) & 1).IsZero)
                rest ^= (BigInteger)0x11021 << (bit - 16);
        }

        return (int)rest;
    }
}
