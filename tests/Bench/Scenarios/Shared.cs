using Orleans.Mqtt.Tests.Bench.Load;
using Orleans.Mqtt.Tests.Bench.Report;

namespace Orleans.Mqtt.Tests.Bench.Scenarios;

/// <summary>Many publishers with a topic each, heard by a group of ten that shares one subscription.</summary>
internal sealed class Shared(byte qos) : IScenario
{
    private const int Members = 10;

    public string Name => $"shared-q{qos}";

    public byte QoS => qos;

    public async Task<IReadOnlyList<Figures>> MeasureAsync(Run run)
    {
        var options = run.Options;
        using var fleet = run.NewFleet(options.Connections);
        var audit = new GroupAudit(options.Connections);
        var members = Enumerable.Range(0, Members).Select(number => new Subscriber(
            fleet.ThreadOf(number), Run.Named("member-", number), ["$share/bench/shared/+"], qos, audit)
        {
            PayloadSize = options.PayloadSize,
        });
        var publishers = Enumerable.Range(0, options.Connections).Select(number => new Publisher(
            fleet.ThreadOf(number),
            Run.Named("pub-", number),
            new PublisherPlan
            {
                Number = number,
                QoS = qos,
                Topic = Run.Named("shared/", number),
                PayloadSize = options.PayloadSize,
                Window = run.Window(options.Connections, hearers: 1),
                InFlight = options.InFlight(qos),
            }));
        return [await new Exchange(run, fleet, [.. publishers], [.. members]).MeasureAsync(Name)];
    }
}
