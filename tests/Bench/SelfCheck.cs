namespace Orleans.Mqtt.Tests.Bench;

/// <summary>Every scenario for a moment against mosquitto, which is known to be right: any fault is then the generator's.</summary>
internal static class SelfCheck
{
    private const int Few = 2_000;

    public static BenchOptions Shorten(BenchOptions options) => options with
    {
        Peers = ["mosquitto"],
        Rounds = 1,
        Time = TimeSpan.FromSeconds(1),
        WarmUp = TimeSpan.FromSeconds(0.3),
        Idle = Few,
        Filters = Few,
        Retained = Few,
        Rates = [Few],
    };
}
