namespace Orleans.Mqtt.Gateway.Connections;

/// <summary>
/// Topic aliases towards one client. A topic gets one at once while there are any left. Then it gets one when it is met again
/// while the last time is remembered, so that a topic that comes once takes none from another; the alias that was not used
/// for a while gives way. Memory comes with the first use.
/// </summary>
internal sealed class OutboundAliases(int maximum)
{
    // The property that carries an alias; a topic that is no longer would win nothing.
    private const int PropertyLength = 3;

    // Topics that were met lately and have no alias; looked through one by one, so not too many.
    private const int MostMet = 128;

    /// <summary>Bytes that an alias can add to a packet which still says the topic: the property, and two lengths that grow.</summary>
    public const int MostAdded = PropertyLength + 2;

    private readonly Dictionary<int, int> _placeOf = [];
    private Place[] _places = [];
    private int[] _met = [];
    private int _oldestMet;
    private int _hand;

    /// <summary>The alias that the client knows the topic by; 0 when it knows none.</summary>
    public ushort Known(ReadOnlySpan<byte> topic)
    {
        if (topic.Length <= PropertyLength || !_placeOf.TryGetValue(Hash(topic), out var at) || !_places[at].Is(topic))
            return 0;

        _places[at].IsUsed = true;
        return AliasAt(at);
    }

    /// <summary>The alias to give to a topic that has none; 0 when it is not worth one. <see cref="Give"/> takes effect.</summary>
    public ushort Offer(ReadOnlySpan<byte> topic)
    {
        if (maximum == 0 || topic.Length <= PropertyLength)
            return 0;

        if (_met.Length == 0)
            (_met, _places) = (new int[Math.Min(2 * maximum, MostMet)], new Place[maximum]);

        if (_places[_hand].Length == 0)
            return AliasAt(_hand); // the hand comes to each free one before it comes to any a second time

        var hash = Hash(topic);
        if (_met.AsSpan().Contains(hash))
            return AliasAt(NextPlace());

        _met[_oldestMet] = hash;
        _oldestMet = (_oldestMet + 1) % _met.Length;
        return 0;
    }

    /// <summary>The client was told that the alias stands for the topic now.</summary>
    public void Give(ushort alias, ReadOnlySpan<byte> topic)
    {
        ref var place = ref _places[alias - 1];
        if (place.Length > 0 && _placeOf.TryGetValue(place.Hash, out var at) && at == alias - 1)
            _placeOf.Remove(place.Hash);

        place.Set(topic, Hash(topic));
        _placeOf[place.Hash] = alias - 1;
        _hand = alias % maximum;
    }

    // The clock's hand: whoever was used since it came by last is passed over once.
    private int NextPlace()
    {
        while (_places[_hand].IsUsed)
        {
            _places[_hand].IsUsed = false;
            _hand = (_hand + 1) % maximum;
        }

        return _hand;
    }

    private static ushort AliasAt(int place) => (ushort)(place + 1);

    // Keyed by the runtime. Topics that meet here only miss an alias.
    private static int Hash(ReadOnlySpan<byte> topic)
    {
        var hash = new HashCode();
        hash.AddBytes(topic);
        return hash.ToHashCode();
    }

    private struct Place
    {
        private byte[]? _topic;

        public int Length { get; private set; }

        public int Hash { get; private set; }

        public bool IsUsed { get; set; }

        public readonly bool Is(ReadOnlySpan<byte> topic) => topic.SequenceEqual(_topic.AsSpan(0, Length));

        public void Set(ReadOnlySpan<byte> topic, int hash)
        {
            if (_topic is null || _topic.Length < topic.Length)
                _topic = new byte[topic.Length];
            topic.CopyTo(_topic);
            Length = topic.Length;
            Hash = hash;
            IsUsed = true;
        }
    }
}
