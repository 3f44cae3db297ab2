using Orleans.Mqtt.Tests.Support.Audit;
using Xunit;

namespace Orleans.Mqtt.Tests.Cluster.Audit;

/// <summary>The judge is judged: histories that are right pass, and each kind of wrong is seen for what it is.</summary>
public sealed class AuditorTests
{
    private static readonly MessageStream _once = new(0, "p", "load/p/a", 1);
    private static readonly MessageStream _exactly = new(1, "p", "load/p/a", 2);

    [Fact]
    public void A_history_without_fault_passes()
    {
        var findings = Judge(2, [(0, 0), (1, 0), (0, 1), (1, 1), (1, 2), (0, 2)]);

        Assert.True(findings.IsClean, findings.ToString());
        Assert.Equal((6, 6), (findings.Acknowledged, findings.Received));
    }

    [Fact]
    public void A_message_that_was_acknowledged_and_never_came_is_lost()
    {
        var findings = Judge(2, [(0, 0), (0, 2), (1, 0), (1, 1)]);

        Assert.Equal((2, 0, 0, 0), Kinds(findings));
    }

    [Fact]
    public void A_message_that_was_not_acknowledged_may_be_missing()
    {
        var chronicle = Sent(2, acknowledged: 2);
        Receive(chronicle, [(0, 0), (0, 1), (1, 0), (1, 1)]);

        Assert.True(Auditor.Judge(chronicle).IsClean);
    }

    [Fact]
    public void A_repeat_of_QoS_2_is_a_breach_and_one_of_QoS_1_is_not()
    {
        var findings = Judge(2, [(0, 0), (0, 1), (0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2), (1, 1)]);

        Assert.Equal((0, 1, 0, 0), Kinds(findings));
        Assert.Equal(2, findings.Repeated);
    }

    [Fact]
    public void QoS_2_to_a_subscription_of_QoS_1_may_be_repeated()
    {
        var findings = Judge(1, [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 1), (1, 2)]);

        Assert.True(findings.IsClean, findings.ToString());
    }

    [Theory, InlineData(0), InlineData(1)]
    public void A_message_that_is_first_heard_after_a_later_one_is_out_of_order(int stream)
    {
        var findings = Judge(2, [(1 - stream, 0), (1 - stream, 1), (1 - stream, 2), (stream, 0), (stream, 2), (stream, 1)]);

        Assert.Equal((0, 0, 1, 0), Kinds(findings));
    }

    [Fact]
    public void Streams_may_overtake_each_other()
    {
        var findings = Judge(2, [(1, 0), (1, 1), (1, 2), (0, 0), (0, 1), (0, 2)]);

        Assert.True(findings.IsClean, findings.ToString());
    }

    [Fact]
    public void A_message_that_nobody_sent_is_odd()
    {
        var findings = Judge(2, [(0, 0), (0, 1), (0, 2), (0, 3), (1, 0), (1, 1), (1, 2)]);

        Assert.Equal((0, 0, 0, 1), Kinds(findings));
    }

    [Fact]
    public void A_message_that_was_not_asked_for_is_odd()
    {
        var chronicle = new Chronicle([_once], [new Audience("s", ("other/#", 2))]);
        chronicle.Send(_once);
        chronicle.Receive(0, new Receipt(0, 0));

        Assert.Equal((0, 0, 0, 1), Kinds(Auditor.Judge(chronicle)));
    }

    [Fact]
    public void What_clients_wondered_about_is_a_breach()
    {
        var chronicle = Sent(2, acknowledged: 0);
        chronicle.Wonder("the session was gone");

        Assert.Equal((0, 0, 0, 1), Kinds(Auditor.Judge(chronicle)));
    }

    [Theory]
    [InlineData("load/#", "load/p/a", true)]
    [InlineData("load/+/a", "load/p/a", true)]
    [InlineData("load/+/b", "load/p/a", false)]
    [InlineData("load/+", "load/p/a", false)]
    [InlineData("load/p/a", "load/p/a", true)]
    [InlineData("load/p/a/b", "load/p/a", false)]
    public void An_audience_knows_what_it_asked_for(string filter, string topic, bool isWanted) =>
        Assert.Equal(isWanted, new Audience("s", (filter, 1)).QoSOf(new MessageStream(0, "p", topic, 2)) is not null);

    private static Findings Judge(int qos, (int Stream, int Number)[] receipts)
    {
        var chronicle = Sent(qos, acknowledged: 3);
        Receive(chronicle, receipts);
        return Auditor.Judge(chronicle);
    }

    private static Chronicle Sent(int qos, int acknowledged)
    {
        var chronicle = new Chronicle([_once, _exactly], [new Audience("s", ("load/#", qos))]);
        foreach (var stream in chronicle.Streams)
        {
            for (var number = 0; number < 3; number++)
                chronicle.Send(stream);
            for (var number = 0; number < acknowledged; number++)
                chronicle.Acknowledge(stream, number);
        }

        return chronicle;
    }

    private static void Receive(Chronicle chronicle, (int Stream, int Number)[] receipts)
    {
        foreach (var (stream, number) in receipts)
            chronicle.Receive(0, new Receipt(stream, number));
    }

    private static (long Lost, long Duplicates, long OutOfOrder, long Odd) Kinds(Findings findings) =>
        (findings.Lost, findings.Duplicates, findings.OutOfOrder, findings.Odd);
}
