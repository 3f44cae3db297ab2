using Orleans.Mqtt.Messages;

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
    /// The sequence of each packet. They rise across connections by their epoch, and on one connection, which may outlive
    /// this activation, because the last one is stored.
    /// </summary>
    public async Task<ulong[]> ReceiveAsync(long epoch, ushort[] packetIds)
    {
        _last = Math.Max(_last, Sequences.FirstOf(epoch));
        var change = new SessionChanges();
        var sequences = new ulong[packetIds.Length];
        var before = _last;
        for (var i = 0; i < packetIds.Length; i++)
        {
            if (!_open.TryGetValue(packetIds[i], out sequences[i]))
            {
                _open.Add(packetIds[i], sequences[i] = ++_last);
                change.Set(SessionFields.Received(packetIds[i]), SessionFields.Number((long)sequences[i]));
            }
        }

        if (_last > before)
            change.Set(SessionFields.LastReceived, SessionFields.Number((long)_last));
        await journal.CommitAsync(change);
        return sequences;
    }

    /// <summary>Returns when they are forgotten; says of each whether it was known.</summary>
    public async Task<bool[]> ReleaseAsync(ushort[] packetIds)
    {
        var change = new SessionChanges();
        var known = Array.ConvertAll(packetIds, packetId => _open.Remove(packetId));
        for (var i = 0; i < packetIds.Length; i++)
        {
            if (known[i])
                change.Remove(SessionFields.Received(packetIds[i]));
        }

        await journal.CommitAsync(change);
        return known;
    }
}
