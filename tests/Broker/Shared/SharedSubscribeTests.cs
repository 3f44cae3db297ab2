using Orleans.Mqtt.Tests.Support;
using Xunit;

namespace Orleans.Mqtt.Tests.Broker.Shared;

public class SharedSubscribeTests(SharedBroker broker)
{
    private readonly string _topic = Unique.Token();

    [Theory, InlineData(0), InlineData(1), InlineData(2)]
    public async Task Each_message_goes_to_one_member_and_each_member_has_its_turn(int qos)
    {
        await using var publisher = await broker.ConnectAsync();
        await using var one = await MemberAsync(qos);
        await using var two = await MemberAsync(qos);
        await using var three = await MemberAsync(qos);

        await publisher.PublishCountAsync(_topic, 30, qos);

        var heard = await Task.WhenAll(one.HearCountAsync(10), two.HearCountAsync(10), three.HearCountAsync(10));
        Assert.Equal(Enumerable.Range(0, 30), heard.SelectMany(numbers => numbers).Order());
        Assert.All(heard, numbers => Assert.Equal(numbers.Order(), numbers));
    }

    [Theory, InlineData(0), InlineData(1), InlineData(2)]
    public async Task Who_subscribes_alone_has_a_copy_of_its_own_and_so_has_every_share(int qos)
    {
        await using var publisher = await broker.ConnectAsync();
        await using var alone = await broker.ConnectAsync();
        await using var both = await MemberAsync(qos);
        await using var other = await broker.ConnectAsync();
        await alone.SubscribeAsync(_topic, qos);
        await both.SubscribeAsync(_topic, qos);
        await other.SubscribeAsync($"$share/other/{_topic}", qos);
        await other.SubscribeAsync($"$share/other/{_topic}/#", qos); // another share, though its name is the same

        await publisher.PublishCountAsync(_topic, 3, qos);

        Assert.Equal([0, 1, 2], await alone.HearCountAsync(3));
        Assert.Equal([0, 0, 1, 1, 2, 2], (await both.HearCountAsync(6)).Order());
        Assert.Equal([0, 0, 1, 1, 2, 2], (await other.HearCountAsync(6)).Order());
    }

    [Theory, InlineData(0), InlineData(1), InlineData(2)]
    public async Task Nothing_retained_comes_with_a_shared_subscription(int qos)
    {
        await using var publisher = await broker.ConnectAsync();
        await publisher.PublishAsync(_topic, "kept", 2, retain: true);
        await using var member = await MemberAsync(qos);

        await publisher.PublishAsync(_topic, "fence", qos, retain: true);

        var heard = await member.HearAsync();
        Assert.Equal(("fence", false), (heard.Text, heard.Retain));
        await publisher.PublishAsync(_topic, "", retain: true);
    }

    [Fact, Spec("MQTT-4.7.2-1")]
    public async Task A_wildcard_inside_matches_as_it_does_alone()
    {
        await using var publisher = await broker.ConnectAsync();
        await using var member = await broker.ConnectAsync();
        await member.SubscribeAsync($"$share/{_topic}/+/{_topic}/#", 1);

        await publisher.PublishAsync($"$x/{_topic}", "hidden", 1);
        await publisher.PublishAsync($"a/{_topic}", "parent", 1);
        await publisher.PublishAsync($"/{_topic}/b/c", "below", 1);

        await member.ExpectTextAsync("parent", $"a/{_topic}");
        await member.ExpectTextAsync("below", $"/{_topic}/b/c");
    }

    [Fact]
    public async Task Each_member_hears_at_the_QoS_that_it_was_granted()
    {
        await using var publisher = await broker.ConnectAsync();
        var members = new List<RawClient>();
        for (var qos = 0; qos <= 2; qos++)
            members.Add(await MemberAsync(qos));

        await publisher.PublishCountAsync(_topic, 6, qos: 2);

        for (var qos = 0; qos <= 2; qos++)
        {
            Assert.Equal(qos, (await members[qos].HearAsync()).QoS);
            Assert.Equal(qos, (await members[qos].HearAsync()).QoS);
            await members[qos].DisposeAsync();
        }
    }

    [Fact]
    public async Task What_is_published_with_QoS_1_goes_to_members_of_QoS_0_as_it_passes()
    {
        await using var publisher = await broker.ConnectAsync();
        await using var one = await MemberAsync(0);
        await using var two = await MemberAsync(0);

        await publisher.PublishCountAsync(_topic, 10, qos: 1);

        var heard = await Task.WhenAll(one.HearCountAsync(5), two.HearCountAsync(5));
        Assert.Equal(Enumerable.Range(0, 10), heard.SelectMany(numbers => numbers).Order());
    }

    [Theory]
    [InlineData("$share"), InlineData("$share/"), InlineData("$share/g"), InlineData("$share/g/"), InlineData("$share//a")]
    [InlineData("$share/+/a"), InlineData("$share/#")]
    public async Task What_is_not_whole_is_refused(string filter)
    {
        await using var client = await broker.ConnectAsync();

        var answers = await client.AskAsync((filter, 1), ($"$share/g/{_topic}", 1));
        Assert.Equal((0x80, 1), (answers[0], answers[1]));
    }

    [Fact]
    public async Task A_wildcard_in_the_name_closes_the_connection_where_it_stands_wrong()
    {
        await broker.ExpectClosedInSessionUponAsync(Packet.Subscribe(1, ("$share/g#/a", 1)));
    }

    [Fact]
    public async Task A_subscription_that_is_made_again_takes_the_place_of_the_first()
    {
        await using var publisher = await broker.ConnectAsync();
        await using var member = await MemberAsync(2);
        await member.SubscribeAsync($"$share/g/{_topic}", 1);

        await publisher.PublishCountAsync(_topic, 2, qos: 2);

        Assert.Equal(("0", 1), await TextAndQoSAsync(member));
        Assert.Equal(("1", 1), await TextAndQoSAsync(member));
    }

    [Theory, InlineData(0), InlineData(1)]
    public async Task Who_unsubscribes_gets_nothing_more_and_the_others_everything(int qos)
    {
        await using var publisher = await broker.ConnectAsync();
        await using var goes = await MemberAsync(qos);
        await using var stays = await MemberAsync(qos);
        await goes.UnsubscribeAsync(_topic); // which it has not
        await publisher.PublishCountAsync(_topic, 2, qos);
        await Task.WhenAll(goes.HearCountAsync(1), stays.HearCountAsync(1));

        await goes.UnsubscribeAsync($"$share/g/{_topic}");
        await publisher.PublishCountAsync(_topic, 10, qos, from: 2);

        Assert.Equal(Enumerable.Range(2, 10), await stays.HearCountAsync(10));
        await goes.ExpectNothingAsync();
    }

    [Fact]
    public async Task A_client_may_be_in_many_shares_and_not_in_too_many()
    {
        await using var client = await broker.ConnectAsync();
        var filters = Enumerable.Range(0, 257).Select(i => ($"$share/g{i}/{_topic}", 1)).ToArray();

        var answers = await client.AskAsync(filters);

        Assert.Equal(Enumerable.Repeat(1, 256).Append(0x80), answers);
    }

    private async Task<RawClient> MemberAsync(int qos)
    {
        var member = await broker.ConnectAsync();
        await member.SubscribeAsync($"$share/g/{_topic}", qos);
        return member;
    }

    private static async Task<(string Text, int QoS)> TextAndQoSAsync(RawClient member)
    {
        var heard = await member.HearAsync();
        return (heard.Text, heard.QoS);
    }
}
