namespace Orleans.Mqtt.Protocol.Topics;

public sealed partial class TopicTree<T>
{
    /// <summary>All topics with their values, in no promised order; the tree must not change meanwhile.</summary>
    public Enumerator GetEnumerator() => new(this);

    /// <summary>Walks the nodes as they lie in memory and builds the text of each topic in one buffer.</summary>
    public ref struct Enumerator
    {
        private readonly TopicTree<T> _tree;
        private byte[] _buffer = new byte[128];
        private int _node;

        internal Enumerator(TopicTree<T> tree) => _tree = tree;

        public TopicEntry<T> Current { get; private set; }

        public bool MoveNext()
        {
            while (++_node < _tree._nodes.Capacity)
            {
                if (_tree._nodes[_node].Links.Value is not { } value)
                    continue;

                Current = new TopicEntry<T>(_tree._nodes.PathTo(_node, default, ref _buffer), value);
                return true;
            }

            return false;
        }
    }
}
