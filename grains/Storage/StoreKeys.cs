using System.Globalization;
using System.Text;

namespace Orleans.Mqtt.Grains.Storage;

/// <summary>Names of the keys. All keys of one client share a hash tag, so Redis Cluster keeps them in one slot.</summary>
internal sealed class StoreKeys(string prefix)
{
    // A brace in the prefix would become the hash tag of every key, and all clients would share one slot.
    private readonly string _prefix = prefix.Replace("{", "%7B", StringComparison.Ordinal)
        .Replace("}", "%7D", StringComparison.Ordinal);

    public byte[] Named(string name) => Encoding.UTF8.GetBytes($"{_prefix}:{name}");

    public byte[] Slice(string name, int slice) =>
        Named(string.Create(CultureInfo.InvariantCulture, $"{name}:{slice}"));

    public byte[] SliceOwner(string name, int slice) =>
        Named(string.Create(CultureInfo.InvariantCulture, $"{{{name}:{slice}}}:owner"));

    /// <summary>What an owner of the slice writes; in one slot of a Redis Cluster with its other keys.</summary>
    public byte[] Slice(string name, int slice, long owner) =>
        Named(string.Create(CultureInfo.InvariantCulture, $"{{{name}:{slice}}}:{owner}"));

    /// <summary>Keys of one group lie in one slot of a Redis Cluster.</summary>
    public byte[] Group(string group, string name) => Named($"{{{group}}}:{name}");

    public byte[] Owner(string clientId) => Named($"s:{{{Tag(clientId)}}}:owner");

    /// <summary>The last epoch of a client whose session has ended.</summary>
    public byte[] LastEpoch(string clientId) => Named($"s:{{{Tag(clientId)}}}:epoch");

    public byte[] State(string clientId, long owner) => OfOwner(clientId, 's', owner);

    public byte[] Queue(string clientId, long owner) => OfOwner(clientId, 'q', owner);

    private byte[] OfOwner(string clientId, char part, long owner) =>
        Named(string.Create(CultureInfo.InvariantCulture, $"s:{{{Tag(clientId)}}}:{part}:{owner}"));

    // A closing brace would cut the tag short, and an empty tag is no tag. '%' alone stands for the empty client id.
    private static string Tag(string clientId) => clientId.Length is 0
        ? "%"
        : clientId.AsSpan().IndexOfAny('%', '}') < 0
            ? clientId
            : clientId.Replace("%", "%25", StringComparison.Ordinal).Replace("}", "%7D", StringComparison.Ordinal);
}
