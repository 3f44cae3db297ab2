using System.Diagnostics.CodeAnalysis;
using Orleans.Mqtt.Cluster;

namespace Orleans.Mqtt.Gateway.Connections;

/// <summary>Who is connected here, by client id.</summary>
internal sealed class ConnectionTable
{
    // An epoch can be taken over between its ticket and its place in this table; that is remembered for a while.
    private const int RememberedRevocations = 10_000;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, MqttConnection> _byClient = [];
    private readonly SortedSet<string> _inOrder = new(CodePointOrder.Instance); // to be listed page by page
    private readonly HashSet<(string ClientId, long Epoch)> _revoked = [];
    private readonly Queue<(string ClientId, long Epoch)> _revocations = new();
    private volatile bool _isOpen = true;

    /// <summary>False while nobody is let in: the lease has ended, or the gateway is being drained.</summary>
    public bool IsOpen
    {
        get => _isOpen;
        set => _isOpen = value;
    }

    public int Count
    {
        get
        {
            lock (_gate)
                return _byClient.Count;
        }
    }

    public MqttConnection[] All
    {
        get
        {
            lock (_gate)
                return [.. _byClient.Values];
        }
    }

    /// <summary>Take-overs that are remembered, and how many are at most.</summary>
    public (int Count, int Limit) Revocations
    {
        get
        {
            lock (_gate)
                return (_revocations.Count, RememberedRevocations);
        }
    }

    /// <summary>Connections in order of their client ids, from behind one on.</summary>
    public MqttConnection[] Page(string prefix, string after, int limit)
    {
        lock (_gate)
        {
            var first = CodePointOrder.Instance.Compare(after, prefix) < 0 ? prefix : after;
            if (_inOrder.Count == 0 || CodePointOrder.Instance.Compare(first, _inOrder.Max) > 0)
                return [];

            return
            [
                .. _inOrder.GetViewBetween(first, _inOrder.Max)
                    .SkipWhile(clientId => clientId == after)
                    .TakeWhile(clientId => clientId.StartsWith(prefix, StringComparison.Ordinal))
                    .Take(limit)
                    .Select(clientId => _byClient[clientId]),
            ];
        }
    }

    /// <summary>False when the connection was taken over before it came here, or nobody is let in.</summary>
    public bool TryAdd(MqttConnection connection)
    {
        lock (_gate)
        {
            if (!_isOpen || _revoked.Contains((connection.ClientId, connection.Epoch)))
                return false;
            _byClient[connection.ClientId] = connection;
            _inOrder.Add(connection.ClientId);
            return true;
        }
    }

    /// <summary>Removes this connection; a later one of the same client stays.</summary>
    public void Remove(MqttConnection connection)
    {
        lock (_gate)
        {
            if (!_byClient.TryGetValue(connection.ClientId, out var present) || present != connection)
                return;
            _byClient.Remove(connection.ClientId);
            _inOrder.Remove(connection.ClientId);
        }
    }

    public bool TryGet(string clientId, long epoch, [MaybeNullWhen(false)] out MqttConnection connection)
    {
        lock (_gate)
            return _byClient.TryGetValue(clientId, out connection) && connection.Epoch == epoch;
    }

    public MqttConnection? Find(string clientId)
    {
        lock (_gate)
            return _byClient.GetValueOrDefault(clientId);
    }

    /// <summary>Gives the connection to close; one that is not here yet will not come in.</summary>
    public MqttConnection? Revoke(string clientId, long epoch)
    {
        lock (_gate)
        {
            if (_byClient.TryGetValue(clientId, out var present) && present.Epoch == epoch)
                return present;

            if (_revocations.Count >= RememberedRevocations)
                _revoked.Remove(_revocations.Dequeue());
            if (_revoked.Add((clientId, epoch)))
                _revocations.Enqueue((clientId, epoch));
            return null;
        }
    }
}
