using System.Diagnostics.Metrics;

namespace Orleans.Mqtt.Tests.Unit;

/// <summary>Meters that nobody listens to.</summary>
internal sealed class Meters : IMeterFactory
{
    public static readonly Meters None = new();

    public Meter Create(MeterOptions options) => new(options);

    public void Dispose()
    {
    }
}
