using Orleans.Mqtt.Tests.Bench.Load;
using Orleans.Mqtt.Tests.Bench.Wire;

namespace Orleans.Mqtt.Tests.Bench;

/// <summary>Every scenario for a moment against mosquitto, known to be right: any fault is the generator's.</summary>
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

    /// <summary>An account that finds nothing proves nothing until it has been shown something to find.</summary>
    public static bool AuditSeesFaults()
    {
        // Of ten messages in stream 1, the fourth is late, the third comes twice, the last four are lost;
        // stream 7 is not ours.
        var audit = new Audit(firstStream: 1, streams: 1);
        long[] heard = [0, 1, 2, 4, 3, 2, 5];
        var accounted = heard.Sum(sequence => audit.Take(new Payload(0, 1, sequence, 0), out _));
        accounted += audit.Take(new Payload(0, 7, 0, 0), out _);

        var expected = new Faults(Lost: 4, Duplicated: 1, Reordered: 1, Misdelivered: 1, Misacknowledged: 0);
        return IsAsExpected(audit, accounted, expected) && GroupAuditSeesFaults();
    }

    // The same in a group, where nobody promises order.
    private static bool GroupAuditSeesFaults()
    {
        var audit = new GroupAudit(streams: 2);
        long[] heard = [0, 1, 2, 4, 3, 2, 5];
        var accounted = heard.Sum(sequence => audit.Take(new Payload(0, 1, sequence, 0), out _));
        accounted += audit.Take(new Payload(0, 7, 0, 0), out _);
        return IsAsExpected(audit, accounted, new Faults(Lost: 4, Duplicated: 1, Reordered: 0, Misdelivered: 1, Misacknowledged: 0));
    }

    private static bool IsAsExpected(IAudit audit, long accounted, Faults expected)
    {
        const long Accounted = 6;
        var found = audit.Close(stream => stream is 1 ? 10 : 0);
        if (found == expected && accounted == Accounted)
            return true;

        Console.Error.WriteLine($"the audit found {found} and accounted for {accounted}, not {expected} and {Accounted}");
        return false;
    }
}
