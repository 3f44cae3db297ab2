using System.IO.Hashing;
using System.Runtime.InteropServices;

namespace Orleans.Mqtt.Routing;

/// <summary>Says which slice of the route table, or of the retained messages, a filter or topic belongs to.</summary>
public static class RouteSlices
{
    /// <summary>Fixed for a cluster's life: stored keys carry the slice number.</summary>
    public const int Count = 16;

    public static int Of(ReadOnlySpan<char> filter) =>
        (int)(XxHash3.HashToUInt64(MemoryMarshal.AsBytes(filter)) % Count);

    public static int Of(ReadOnlySpan<byte> topic) => (int)(XxHash3.HashToUInt64(topic) % Count);
}
