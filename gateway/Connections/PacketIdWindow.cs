using Orleans.Mqtt.Sessions;

namespace Orleans.Mqtt.Gateway.Connections;

/// <summary>
/// The packet identifiers in flight towards one client, 1 to <see cref="PacketIdentifiers.Span"/>, and whether their PUBREL
/// is out. For one thread at a time. Each has the place that its low bits name, so that nothing is hashed or searched: they
/// are given in turn, and mostly come back in turn.
/// </summary>
internal sealed class PacketIdWindow
{
    private const ushort Released = 0x8000; // beyond the identifiers
    private const int Smallest = 16;

    private ushort[] _places = []; // 0: free; else the identifier, and whether it is released
    private ushort _last;

    public int Count { get; private set; }

    /// <summary>Never one that is in flight [MQTT-2.3.1-4]; at most all but one may be.</summary>
    public ushort Take()
    {
        if (Count >= _places.Length / 2)
            Grow();

        while (true)
        {
            _last = _last == PacketIdentifiers.Span ? (ushort)1 : (ushort)(_last + 1);
            ref var place = ref PlaceOf(_last);
            if (place != 0)
                continue; // taken, or by one that has the same place

            place = _last;
            Count++;
            return _last;
        }
    }

    /// <summary>PUBREC came for an identifier, which is not 0; false when it is not in flight.</summary>
    public bool Release(ushort packetId)
    {
        if (Count == 0 || (PlaceOf(packetId) & ~Released) != packetId)
            return false;

        PlaceOf(packetId) |= Released;
        return true;
    }

    /// <summary>The last acknowledgement of an identifier, which is not 0, came; false when it is not the one that the identifier waits for.</summary>
    public bool Finish(ushort packetId, bool isReleased)
    {
        if (Count == 0 || PlaceOf(packetId) != (isReleased ? packetId | Released : packetId))
            return false;

        PlaceOf(packetId) = 0;
        Count--;
        return true;
    }

    private ref ushort PlaceOf(ushort packetId) => ref _places[packetId & (_places.Length - 1)];

    // Identifiers whose low bits differ still differ with one bit more.
    private void Grow()
    {
        if (_places.Length > PacketIdentifiers.Span)
            return; // a place for each

        var before = _places;
        _places = new ushort[Math.Max(before.Length * 2, Smallest)];
        foreach (var place in before)
        {
            if (place != 0)
                PlaceOf((ushort)(place & ~Released)) = place;
        }
    }
}
