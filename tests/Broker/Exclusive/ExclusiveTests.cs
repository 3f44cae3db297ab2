using Orleans.Mqtt.Tests.Support;
using Xunit;

namespace Orleans.Mqtt.Tests.Broker.Exclusive;

/// <summary>$exclusive/filter: beyond the standard, as other brokers have it. One client alone holds it.</summary>
public sealed class ExclusiveTests(SharedBroker broker)
{
    private const int Refused = 0x80;

    private readonly string _topic = Unique.Topic();

    private string Filter => $"$exclusive/{_topic}";

    [Theory, InlineData(true, 0), InlineData(true, 1), InlineData(true, 2), InlineData(false, 0), InlineData(false, 1), InlineData(false, 2)]
    public async Task The_one_who_holds_it_hears_the_topic_and_nobody_else_gets_it(bool clean, int qos)
    {
        await using var alice = await broker.ConnectAsync(Unique.ClientId(), clean);
        await using var bob = await broker.ConnectAsync(Unique.ClientId(), clean);
        await alice.SubscribeAsync(Filter, qos);

        await AskAsync(bob, [Refused], (Filter, qos));
        await bob.PublishAsync(_topic, "for one", qos);

        var heard = await alice.HearAsync();
        Assert.Equal((_topic, "for one", qos), (heard.Topic, heard.Text, heard.QoS));
        await bob.ExpectNothingAsync();
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task Others_may_hear_the_topic_in_the_ordinary_way(bool clean)
    {
        await using var alice = await broker.ConnectAsync(Unique.ClientId(), clean);
        await using var bob = await broker.ConnectAsync(Unique.ClientId(), clean);
        await alice.SubscribeAsync(Filter, 1);

        await AskAsync(bob, [1, Refused, 2], (_topic, 1), (Filter, 1), ($"{_topic}/x", 2));
        await bob.PublishAsync(_topic, "for both", qos: 1);

        await alice.ExpectTextAsync("for both");
        await bob.ExpectTextAsync("for both");
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task Who_holds_it_may_ask_again_and_with_the_topic_itself_hears_it_once(bool clean)
    {
        await using var alice = await broker.ConnectAsync(Unique.ClientId(), clean);
        await alice.SubscribeAsync(Filter, 0);
        await alice.SubscribeAsync(Filter, 1);
        await alice.SubscribeAsync(_topic, 2);

        await alice.PublishAsync(_topic, "once", qos: 2);
        var heard = await alice.HearAsync();
        Assert.Equal(("once", 2), (heard.Text, heard.QoS));

        await alice.UnsubscribeAsync(_topic);
        await alice.PublishAsync(_topic, "still", qos: 1);
        await alice.ExpectTextAsync("still");
        await alice.UnsubscribeAsync(Filter);
        await alice.PublishAsync(_topic, "no more", qos: 1);
        await alice.ExpectNothingAsync();
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task It_is_free_again_after_UNSUBSCRIBE(bool clean)
    {
        await using var alice = await broker.ConnectAsync(Unique.ClientId(), clean);
        await using var bob = await broker.ConnectAsync(Unique.ClientId(), clean);
        await alice.SubscribeAsync(Filter, 1);

        await alice.UnsubscribeAsync(Filter);

        await bob.SubscribeAsync(Filter, 1);
        await AskAsync(alice, [Refused], (Filter, 1));
        await alice.PublishAsync(_topic, "for the heir", qos: 1);
        await bob.ExpectTextAsync("for the heir");
        await alice.ExpectNothingAsync();
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task It_is_free_again_when_a_connection_without_a_session_ends(bool politely)
    {
        await using (var alice = await broker.ConnectAsync())
        {
            await alice.SubscribeAsync(Filter, 1);
            if (politely)
                await alice.DisconnectAsync();
            else
                alice.Abort();
        }

        await using var bob = await broker.ConnectAsync();
        while ((await bob.AskAsync((Filter, 1)))[0] == Refused)
        {
            // The end of a connection may be heard of a little later than the client's word.
        }
    }

    [Fact]
    public async Task A_session_that_is_away_keeps_it_and_its_end_sets_it_free()
    {
        var id = Unique.ClientId();
        await using (var alice = await broker.ConnectAsync(id, clean: false))
        {
            await alice.SubscribeAsync(Filter, 1);
            await alice.DisconnectAsync();
        }

        await using var bob = await broker.ConnectAsync();
        await AskAsync(bob, [Refused], (Filter, 1));
        await bob.PublishAsync(_topic, "for who is away", qos: 1);
        await using (var back = await broker.ConnectAsync(id, clean: false))
            await back.ExpectTextAsync("for who is away");

        await using (await broker.ConnectAsync(id, clean: true))
            await bob.SubscribeAsync(Filter, 1);
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task A_takeover_by_the_same_client_leaves_it_with_the_client_or_sets_it_free(bool clean)
    {
        var id = Unique.ClientId();
        await using var old = await broker.ConnectAsync(id, clean);
        await old.SubscribeAsync(Filter, 1);

        await using var young = await broker.ConnectAsync(id, clean);
        await using var bob = await broker.ConnectAsync();

        await AskAsync(bob, [clean ? 1 : Refused], (Filter, 1));
    }

    [Fact]
    public async Task Of_many_who_ask_at_once_one_gets_it()
    {
        var clients = await Task.WhenAll(Enumerable.Range(0, 20).Select(
            number => broker.ConnectAsync(Unique.ClientId(), clean: number % 2 == 0)));

        var answers = await Task.WhenAll(clients.Select(client => client.AskAsync((Filter, 1))));

        Assert.Single(answers, answer => answer[0] == 1);
        Assert.Equal(19, answers.Count(answer => answer[0] == Refused));
        foreach (var client in clients)
            await client.DisposeAsync();
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task What_is_retained_comes_with_it_and_to_nobody_who_is_refused(bool clean)
    {
        await using var alice = await broker.ConnectAsync(Unique.ClientId(), clean);
        await using var bob = await broker.ConnectAsync(Unique.ClientId(), clean);
        await bob.PublishAsync(_topic, "kept", qos: 1, retain: true);

        await alice.SubscribeAsync($"$exclusive/{_topic}/#", 1);
        await AskAsync(bob, [Refused], ($"$exclusive/{_topic}/#", 1));

        Assert.True((await alice.HearAsync()).Retain);
        await bob.ExpectNothingAsync();
        await bob.PublishAsync(_topic, "", qos: 1, retain: true);
    }

    [Theory, InlineData("$exclusive/"), InlineData("$exclusive/$share/g/t"), InlineData("$exclusive/$exclusive/t")]
    public async Task What_makes_no_sense_is_refused(string filter)
    {
        await using var alice = await broker.ConnectAsync();

        await AskAsync(alice, [Refused], (filter, 1));
    }

    private static async Task AskAsync(RawClient client, int[] answers, params (string Filter, int QoS)[] filters) =>
        Assert.Equal(answers, await client.AskAsync(filters));
}
