using System.Diagnostics.Metrics;

namespace Orleans.Mqtt.Tests.Nats.Support;

/// <summary>Meters of one test that it can read.</summary>
internal sealed class CountedMeters : IMeterFactory
{
    private readonly MeterListener _listener = new();
    private readonly List<Meter> _meters = [];
    private readonly Dictionary<string, long> _values = [];

    public CountedMeters()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (_meters.Contains(instrument.Meter))
                listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, _, _) =>
            _values[instrument.Name] = instrument.IsObservable ? value : _values.GetValueOrDefault(instrument.Name) + value);
        _listener.Start();
    }

    public Meter Create(MeterOptions options)
    {
        var meter = new Meter(options);
        _meters.Add(meter);
        return meter;
    }

    public long Count(string counter) => _values.GetValueOrDefault(counter);

    public long Gauge(string gauge)
    {
        _listener.RecordObservableInstruments();
        return _values[gauge];
    }

    public void Dispose()
    {
        _listener.Dispose();
        _meters.ForEach(meter => meter.Dispose());
    }
}
