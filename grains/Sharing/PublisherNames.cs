using System.IO.Hashing;
using System.Runtime.InteropServices;

namespace Orleans.Mqtt.Grains.Sharing;

/// <summary>
/// What a session is called as a publisher inside the cluster: a random number, but for its lower end, which is a hash of
/// the client id. So a record tells by which client it was said, from one connection to the next.
/// </summary>
internal static class PublisherNames
{
    private const ulong HashMask = 0xFFFF;
    private const ulong NeverZero = HashMask + 1;

    public static ulong New(string clientId) =>
        ((ulong)Random.Shared.NextInt64(long.MinValue, long.MaxValue) & ~HashMask) | NeverZero
        | (XxHash3.HashToUInt64(MemoryMarshal.AsBytes(clientId.AsSpan())) & HashMask);

    public static int HashOf(ulong publisher) => (int)(publisher & HashMask);
}
