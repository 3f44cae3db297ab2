using Orleans.Mqtt.Tests.Support.Audit;
using Xunit;

namespace Orleans.Mqtt.Tests.Cluster.Audit;

/// <summary>The judge is judged: prompt messages, take-overs and wills.</summary>
public sealed class ConnectionAuditTests
{
    private static readonly MessageStream _news = new(0, "p", "rival/0", 1);
    private static readonly MessageStream _late = new(1, "rival", "late/0", 1, StreamKind.Late);
    private static readonly MessageStream _will = new(2, "mortal", "wills/0", 2, StreamKind.Will);
    private static readonly MessageStream _prompt = new(3, "herald", "prompt/0", 2, StreamKind.Prompt);

    private readonly Chronicle _chronicle;
    private long _now;

    public ConnectionAuditTests()
    {
        _chronicle = new Chronicle(
            [_news, _late, _will, _prompt],
            [new Audience("rival", ("rival/0", 1)), new Audience("witness", ("wills/#", 2)), new Audience("prober", ("prompt/0/#", 2))],
            () => ++_now);
    }

    [Fact]
    public void A_connection_that_was_taken_over_may_still_be_read_to_its_end()
    {
        var older = Welcome();
        var message = Say(_news);
        var newer = Welcome();
        _chronicle.Receive(0, message, older.Number);
        _chronicle.Receive(0, Say(_news), newer.Number);

        Assert.True(Judge().IsClean, Judge().ToString());
    }

    [Fact]
    public void What_was_said_after_the_newer_one_was_in_must_not_reach_the_older_one()
    {
        var older = Welcome();
        Welcome();
        _chronicle.Receive(0, Say(_news), older.Number);

        Assert.Equal(1, Judge().Usurped);
    }

    [Fact]
    public void The_older_of_two_that_came_at_once_may_be_either()
    {
        var one = _chronicle.Begin("rival");
        var other = _chronicle.Begin("rival");
        other.Welcome();
        one.Welcome();
        _chronicle.Receive(0, Say(_news), one.Number);
        _chronicle.Receive(0, Say(_news), other.Number);

        Assert.True(Judge().IsClean, Judge().ToString());
    }

    [Fact]
    public void A_connection_that_nobody_welcomed_takes_nothing_over()
    {
        var only = Welcome();
        _chronicle.Begin("rival");
        _chronicle.Receive(0, Say(_news), only.Number);

        Assert.True(Judge().IsClean, Judge().ToString());
    }

    [Fact]
    public void Connections_of_other_clients_take_nothing_over()
    {
        var only = Welcome();
        Welcome("somebody else");
        _chronicle.Receive(0, Say(_news), only.Number);

        Assert.True(Judge().IsClean, Judge().ToString());
    }

    [Theory, InlineData(true), InlineData(false)]
    public void A_connection_that_was_taken_over_gets_no_acknowledgement_for_what_it_says_then(bool isAcknowledged)
    {
        var older = Welcome();
        var newer = Welcome();
        var late = _chronicle.Send(_late, older.Number);
        var rightful = _chronicle.Send(_late, newer.Number);
        if (isAcknowledged)
            _chronicle.Acknowledge(_late, late, older.Number);
        _chronicle.Acknowledge(_late, rightful, newer.Number);

        Assert.Equal(isAcknowledged ? 1 : 0, Judge().Usurped);
    }

    [Fact]
    public void A_will_that_is_due_and_does_not_come_is_lost()
    {
        Mourn(_chronicle.Demand, arrivals: 0);

        Assert.Equal((1, 0, 0), (Judge().LostOf(StreamKind.Will), Judge().Duplicates, Judge().Unwanted));
    }

    [Fact]
    public void A_will_that_comes_twice_is_a_breach()
    {
        Mourn(_chronicle.Demand, arrivals: 2);

        Assert.Equal((0, 1, 0), (Judge().Lost, Judge().Duplicates, Judge().Unwanted));
    }

    [Fact]
    public void A_will_that_comes_after_a_goodbye_is_a_breach()
    {
        Mourn(_chronicle.Withdraw, arrivals: 1);

        Assert.Equal((0, 0, 1), (Judge().Lost, Judge().Duplicates, Judge().Unwanted));
    }

    [Theory, InlineData(0), InlineData(1)]
    public void A_will_of_which_nobody_can_tell_may_come_or_not(int arrivals)
    {
        Mourn(_chronicle.Excuse, arrivals);
        Mourn((_, _) => { }, arrivals);

        Assert.True(Judge().IsClean, Judge().ToString());
    }

    [Fact]
    public void Wills_have_no_order()
    {
        var first = _chronicle.Send(_will);
        var second = _chronicle.Send(_will);
        _chronicle.Receive(1, new Receipt(_will.Index, second));
        _chronicle.Receive(1, new Receipt(_will.Index, first));

        Assert.True(Judge().IsClean, Judge().ToString());
    }

    [Fact]
    public void A_prompt_message_that_was_acknowledged_and_never_came_breaks_another_promise_than_others()
    {
        Say(_prompt);

        Assert.Equal((1, 0), (Judge().LostOf(StreamKind.Prompt), Judge().LostOf(StreamKind.Published)));
    }

    [Fact]
    public void A_prompt_message_of_a_connection_that_was_lost_is_excused_even_if_it_is_acknowledged_later()
    {
        var number = _chronicle.Send(_prompt);
        _chronicle.Excuse(_prompt, number);
        _chronicle.Acknowledge(_prompt, number);

        Assert.True(Judge().IsClean, Judge().ToString());
    }

    [Fact]
    public void A_subscriber_has_all_when_it_has_what_must_come_and_not_before()
    {
        var first = _chronicle.Send(_prompt);
        var second = _chronicle.Send(_prompt);
        _chronicle.Acknowledge(_prompt, second);
        Assert.False(_chronicle.HasAll(2));
        Assert.Equal([new Receipt(_prompt.Index, second)], _chronicle.Missing(2));

        _chronicle.Receive(2, new Receipt(_prompt.Index, second));
        Assert.True(_chronicle.HasAll(2));
        Assert.Equal(Duty.May, _chronicle.SendingOf(new Receipt(_prompt.Index, first)).Duty);
    }

    private Visit Welcome(string clientId = "rival")
    {
        var visit = _chronicle.Begin(clientId);
        visit.Welcome();
        return visit;
    }

    private Receipt Say(MessageStream stream)
    {
        var number = _chronicle.Send(stream);
        _chronicle.Acknowledge(stream, number);
        if (stream == _news)
            _chronicle.Receive(0, new Receipt(stream.Index, number), visit: 0);
        return new Receipt(stream.Index, number);
    }

    private void Mourn(Action<MessageStream, int> end, int arrivals)
    {
        var number = _chronicle.Send(_will);
        end(_will, number);
        for (var arrival = 0; arrival < arrivals; arrival++)
            _chronicle.Receive(1, new Receipt(_will.Index, number));
    }

    private Findings Judge() => Auditor.Judge(_chronicle);
}
