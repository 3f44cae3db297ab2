using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Orleans.Mqtt.Protocol.Topics;

/// <summary>Hashes with a secret of this process: clients choose topics, and must not be able to choose collisions.</summary>
internal static class SeededHash
{
    private static readonly ulong _pairKey = NewKey();
    private static readonly ulong _pairFactor = NewKey() | 1;

    /// <summary>The runtime's own keyed hash (Marvin), which it offers for characters only.</summary>
    public static uint Of(ReadOnlySpan<byte> bytes)
    {
        var hash = (uint)string.GetHashCode(MemoryMarshal.Cast<byte, char>(bytes));

        // The odd byte comes after a keyed hash, so two texts that meet here can not be foreseen from outside.
        return (bytes.Length & 1) == 0 ? hash : (hash ^ (bytes[^1] + 1u)) * 0x9E37_79B1u;
    }

    /// <summary>Of two of our own numbers; keyed because their order of issue can be guessed.</summary>
    public static uint Of(int first, int second)
    {
        var high = Math.BigMul((((ulong)(uint)first << 32) | (uint)second) ^ _pairKey, _pairFactor, out var low);
        return (uint)(high ^ (low >> 32));
    }

    private static ulong NewKey()
    {
        var key = 0UL;
        RandomNumberGenerator.Fill(MemoryMarshal.AsBytes(new Span<ulong>(ref key)));
        return key;
    }
}
