namespace Orleans.Mqtt.Protocol.Topics;

public sealed partial class FilterTree<T>
{
    /// <summary>All filters with their values, in no promised order; the tree must not change meanwhile.</summary>
    public Enumerator GetEnumerator() => new(this);

    /// <summary>Walks the nodes as they lie in memory and builds the text of each filter in one buffer.</summary>
    public ref struct Enumerator
    {
        private readonly FilterTree<T> _tree;
        private byte[] _buffer = new byte[128];
        private int _node = -1;
        private FilterEnd _left;

        internal Enumerator(FilterTree<T> tree) => _tree = tree;

        public TopicEntry<T> Current { get; private set; }

        public bool MoveNext()
        {
            while (_left == FilterEnd.None)
            {
                if (++_node >= _tree._nodes.Capacity)
                    return false;

                _left = FilterTreeValues<T>.EndsOf(_tree._nodes[_node].Links.Values);
            }

            var end = (FilterEnd)((int)_left & -(int)_left); // one of them
            _left &= ~end;
            var value = _tree._values.Get(_tree._nodes[_node].Links.Values, end)!;
            var last = end switch
            {
                FilterEnd.Many => "#"u8,
                FilterEnd.One => "+"u8,
                _ => default,
            };
            var filter = _tree._nodes.PathTo(_node, last, ref _buffer);
            Current = new TopicEntry<T>(filter, value);
            return true;
        }
    }
}
