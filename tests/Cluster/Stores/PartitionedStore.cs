using Orleans.Mqtt.Tests.Support;

namespace Orleans.Mqtt.Tests.Cluster.Stores;

/// <summary>A Redis Cluster of three nodes, each with a third of the slots.</summary>
internal sealed class PartitionedStore : IAsyncDisposable
{
    private const int Slots = 16_384;

    private readonly int[] _busPorts = [FreePorts.Take(), FreePorts.Take(), FreePorts.Take()];
    private readonly RedisProcess[] _nodes;

    public PartitionedStore() => _nodes = Array.ConvertAll(_busPorts, busPort => new RedisProcess(
        "--cluster-enabled", "yes", "--cluster-port", $"{busPort}", "--cluster-config-file", "nodes.conf"));

    public string Connection => string.Join(',', _nodes.Select(node => $"127.0.0.1:{node.Port}"));

    public async Task StartAsync()
    {
        for (var i = 0; i < _nodes.Length; i++)
        {
            await _nodes[i].StartAsync();
            var (first, end) = (Slots * i / _nodes.Length, Slots * (i + 1) / _nodes.Length);
            await _nodes[i].AskAsync("cluster", "addslotsrange", $"{first}", $"{end - 1}");
            await _nodes[0].AskAsync("cluster", "meet", "127.0.0.1", $"{_nodes[i].Port}", $"{_busPorts[i]}");
        }

        foreach (var node in _nodes)
            await Eventually.ThatAsync(async () => (await node.AskAsync("cluster", "info")).Contains("cluster_state:ok"));
    }

    /// <summary>Keys of each node.</summary>
    public async Task<int[]> CountKeysAsync()
    {
        var counts = new List<int>();
        foreach (var node in _nodes)
            counts.Add(int.Parse((await node.AskAsync("dbsize"))[0], System.Globalization.CultureInfo.InvariantCulture));
        return [.. counts];
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in _nodes)
            await node.DisposeAsync();
    }
}
