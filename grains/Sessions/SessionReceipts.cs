using Orleans.Mqtt.Sessions;

namespace Orleans.Mqtt.Grains.Sessions;

/// <summary>
/// QoS 2 packets of a persistent client between PUBLISH and PUBREL. The sequence that a packet gets is stored before the
/// message is routed, so that the same packet, sent again after a crash, is the same message everywhere (promise P2).
/// </summary>
internal sealed class SessionReceipts(SessionJournal journal)
{
    private readonly Dictionary<ushort, ulong> _open = [];
    private ulong _last;

    public void Restore(ushort packetId, ulong sequence)
    {
        _open[packetId] = sequence;
        RestoreLast(sequence);
    }

    public void RestoreLast(ulong sequence) => _last = Math.Max(_last, sequence);

    /// <summary>
    /// The sequence of each packet: the one that it has, or the one that its gateway has given it. Those rise, by the epoch
    /// across connections, so one that does not is of a call that was made again elsewhere, whose packets have had their
    /// PUBREL: opened again under an old sequence, their identifiers would swallow the messages that use them next.
    /// </summary>
    public async Task<ulong[]> ReceiveAsync(ushort[] packetIds, ulong[] sequences)
    {
        if (packetIds.Where((packetId, i) => sequences[i] <= _last && !_open.ContainsKey(packetId)).Any())
            throw new StaleEpochException($"Sequence {sequences[0]} comes after {_last}.");

        var change = new SessionChanges();
        var before = _last;
        var given = new ulong[packetIds.Length];
        for (var i = 0; i < packetIds.Length; i++)
        {
            if (!_open.TryGetValue(packetIds[i], out given[i]))
            {
                _open.Add(packetIds[i], given[i] = _last = sequences[i]);
                change.Set(SessionFields.Received(packetIds[i]), SessionFields.Number((long)given[i]));
            }
        }

        if (_last > before)
            change.Set(SessionFields.LastReceived, SessionFields.Number((long)_last));
        await journal.CommitAsync(change);
        return given;
    }

    /// <summary>
    /// Returns when those up to the sequence are forgotten; says of each whether it was known. A later one under the same
    /// identifier is another packet, and the call one that comes late.
    /// </summary>
    public async Task<bool[]> ReleaseAsync(ushort[] packetIds, ulong upTo)
    {
        var change = new SessionChanges();
        var known = Array.ConvertAll(
            packetIds, packetId => _open.TryGetValue(packetId, out var sequence) && sequence <= upTo && _open.Remove(packetId));
        for (var i = 0; i < packetIds.Length; i++)
        {
            if (known[i])
                change.Remove(SessionFields.Received(packetIds[i]));
        }

        await journal.CommitAsync(change);
        return known;
    }
}
