using System.Buffers.Binary;
using System.Buffers.Text;
using System.IO.Hashing;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Orleans.Mqtt.Gateway.Link;

/// <summary>
/// The name of this gateway's life: it never comes back, so what was said of an earlier life is told from this one. A
/// gateway whose lease has ended begins another.
/// </summary>
internal sealed class GatewayIdentity
{
    private const int UniqueBytes = 6;

    private readonly long _seed = Random.Shared.NextInt64();
    private readonly ulong _process = BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong)));
    private volatile string _id = NewId();
    private ulong _attempts;

    public string Id => _id;

    /// <summary>A name that nothing else ever has; a random one for each would ask the kernel for it.</summary>
    public Guid NextAttempt()
    {
        Span<byte> name = stackalloc byte[16];
        BinaryPrimitives.WriteUInt64LittleEndian(name, _process);
        BinaryPrimitives.WriteUInt64LittleEndian(name[sizeof(ulong)..], Interlocked.Increment(ref _attempts));
        return new Guid(name);
    }

    public void BeginAnew() => _id = NewId();

    /// <summary>
    /// What silos call a shared subscription when they send its messages here. Seeded, so that nobody can choose a name that
    /// falls on another's.
    /// </summary>
    public ulong HandleOf(string sharedFilter) =>
        XxHash3.HashToUInt64(MemoryMarshal.AsBytes(sharedFilter.AsSpan()), _seed);

    // In every stored route, so its unique part is short.
    private static string NewId() => $"{Environment.MachineName}-{Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(UniqueBytes))}";
}
