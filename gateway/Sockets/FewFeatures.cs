using System.Collections;
using Microsoft.AspNetCore.Http.Features;

namespace Orleans.Mqtt.Gateway.Sockets;

/// <summary>The features of a connection: a handful, in a list, since there may be very many connections.</summary>
internal sealed class FewFeatures : IFeatureCollection
{
    private readonly List<KeyValuePair<Type, object>> _features = new(8);

    public bool IsReadOnly => false;

    public int Revision { get; private set; }

    public object? this[Type key]
    {
        get
        {
            foreach (var (type, feature) in _features)
            {
                if (type == key)
                    return feature;
            }

            return null;
        }

        set
        {
            Revision++;
            var index = _features.FindIndex(feature => feature.Key == key);
            if (index >= 0)
                _features.RemoveAt(index);
            if (value is not null)
                _features.Add(new KeyValuePair<Type, object>(key, value));
        }
    }

    public TFeature? Get<TFeature>() => (TFeature?)this[typeof(TFeature)];

    public void Set<TFeature>(TFeature? instance) => this[typeof(TFeature)] = instance;

    public IEnumerator<KeyValuePair<Type, object>> GetEnumerator() => _features.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
