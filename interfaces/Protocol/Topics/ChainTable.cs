namespace Orleans.Mqtt.Protocol.Topics;

/// <summary>Items that a <see cref="ChainTable"/> may link into its chains; item 0 does not exist.</summary>
internal interface IChained
{
    uint HashOf(int item);

    ref int NextOf(int item);
}

/// <summary>Buckets that grow one at a time (linear hashing), so that no single insert pays for all others.</summary>
/// <param name="bucketsAnItem">
/// Each costs four bytes; with few of them more items have one before them in their chain, and whoever looks for such a one
/// waits for memory once more.
/// </param>
internal sealed class ChainTable(int bucketsAnItem)
{
    private const int FirstBuckets = 4;

    private readonly ChunkedList<int> _heads = NewHeads();
    private uint _narrow = FirstBuckets - 1;
    private int _count;

    /// <summary>First item of the chain where this hash would be; 0 if there is none.</summary>
    public int Head(uint hash) => _heads[BucketOf(hash)];

    public void Add<TItems>(int item, uint hash, TItems items)
        where TItems : IChained
    {
        ref var head = ref _heads[BucketOf(hash)];
        items.NextOf(item) = head;
        head = item;
        _count++;
        for (var i = 0; i < bucketsAnItem && _count * bucketsAnItem > _heads.Count; i++)
            SplitNext(items);
    }

    public void Remove<TItems>(int item, uint hash, TItems items)
        where TItems : IChained
    {
        ref var link = ref _heads[BucketOf(hash)];
        while (link != item)
            link = ref items.NextOf(link);

        link = items.NextOf(item);
        _count--;
    }

    private static ChunkedList<int> NewHeads()
    {
        var heads = new ChunkedList<int>();
        heads.Extend(FirstBuckets);
        return heads;
    }

    // Buckets below the one to split next are already spread over twice as many.
    private int BucketOf(uint hash)
    {
        var wide = hash & ((_narrow * 2) + 1);
        return (int)(wide < (uint)_heads.Count ? wide : hash & _narrow);
    }

    private void SplitNext<TItems>(TItems items)
        where TItems : IChained
    {
        var added = _heads.Add(0);
        var split = added - (int)_narrow - 1;
        var item = _heads[split];
        _heads[split] = 0;
        while (item != 0)
        {
            ref var next = ref items.NextOf(item);
            var following = next;
            ref var head = ref _heads[BucketOf(items.HashOf(item))];
            next = head;
            head = item;
            item = following;
        }

        if (split == (int)_narrow)
            _narrow = (_narrow * 2) + 1;
    }
}
