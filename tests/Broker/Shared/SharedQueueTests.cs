using Orleans.Mqtt.Tests.Support;
using Xunit;

namespace Orleans.Mqtt.Tests.Broker.Shared;

/// <summary>Nothing is lost when a member goes, and nothing of QoS 2 comes twice.</summary>
public class SharedQueueTests(SharedBroker broker)
{
    private const int Window = 100;

    private readonly string _topic = Unique.Token();

    private string Filter => $"$share/g/{_topic}";

    [Fact]
    public async Task What_a_member_has_not_acknowledged_goes_to_another()
    {
        await using var publisher = await broker.ConnectAsync();
        await using var breaks = await MemberAsync(1);
        await publisher.PublishCountAsync(_topic, 20, qos: 1);
        for (var i = 0; i < 20; i++)
            await breaks.HearUnansweredAsync();
        await using var stays = await MemberAsync(1);

        breaks.Abort();

        Assert.Equal(Enumerable.Range(0, 20), await stays.HearCountAsync(20));
    }

    [Theory, InlineData(1), InlineData(2)]
    public async Task Messages_wait_while_every_member_is_away(int qos)
    {
        var clientId = Unique.ClientId();
        await using var publisher = await broker.ConnectAsync();
        var member = await MemberAsync(qos, clientId);
        await member.DisconnectAsync();
        await publisher.PublishCountAsync(_topic, 50, qos);

        await using var again = await broker.ConnectAsync(clientId, clean: false);

        Assert.Equal(Enumerable.Range(0, 50), await again.HearCountAsync(50));
    }

    [Fact]
    public async Task A_share_may_have_another_strategy_by_its_name()
    {
        TestBroker.MosquittoDiffers("it has one strategy");
        await using var own = await TestBroker.StartAsync("--Sharing:ByName:jobs=Sticky");
        await using var publisher = await own.ConnectAsync();
        await using var first = await own.ConnectAsync();
        await using var second = await own.ConnectAsync();
        foreach (var member in new[] { first, second })
        {
            await member.SubscribeAsync($"$share/jobs/{_topic}/sticky", 1);
            await member.SubscribeAsync($"$share/others/{_topic}/spread", 1);
        }

        await publisher.PublishCountAsync($"{_topic}/spread", 20, qos: 1);
        Assert.Equal(10, (await first.HearCountAsync(10)).Count);
        Assert.Equal(10, (await second.HearCountAsync(10)).Count);
        await publisher.PublishCountAsync($"{_topic}/sticky", 20, qos: 1);

        // One of the two has them all, and the other none.
        var heard = await Task.WhenAny(first.HearCountAsync(20), second.HearCountAsync(20));
        Assert.Equal(Enumerable.Range(0, 20), await heard);
    }

    [Fact]
    public async Task Who_is_there_comes_before_who_is_away()
    {
        await using var publisher = await broker.ConnectAsync();
        var away = await MemberAsync(1, Unique.ClientId());
        await away.DisconnectAsync();
        await using var here = await MemberAsync(1);

        await publisher.PublishCountAsync(_topic, 20, qos: 1);

        Assert.Equal(Enumerable.Range(0, 20), await here.HearCountAsync(20));
    }

    [Fact]
    public async Task What_was_sent_with_QoS_2_stays_with_the_session_and_the_rest_goes_to_another()
    {
        var clientId = Unique.ClientId();
        await using var publisher = await broker.ConnectAsync();
        var breaks = await MemberAsync(2, clientId);
        await publisher.PublishCountAsync(_topic, Window + 20, qos: 2);
        var first = new List<Heard>();
        for (var i = 0; i < Window; i++)
            first.Add(await breaks.HearUnansweredAsync());
        await using var stays = await MemberAsync(2);
        breaks.Abort();
        Assert.Equal(Enumerable.Range(Window, 20), await stays.HearCountAsync(20));

        await using var again = await broker.ConnectAsync(clientId, clean: false);

        foreach (var heard in first)
        {
            var repeated = await again.HearAsync();
            Assert.Equal((heard.PacketId, heard.Text, true), (repeated.PacketId, repeated.Text, repeated.Dup));
        }
    }

    [Fact]
    public async Task A_PUBREL_that_is_owed_comes_when_the_member_is_back()
    {
        var clientId = Unique.ClientId();
        await using var publisher = await broker.ConnectAsync();
        var breaks = await MemberAsync(2, clientId);
        await publisher.PublishAsync(_topic, "once", 2);
        var heard = await breaks.HearUnansweredAsync();
        await breaks.SendAsync(Packet.PubRec(heard.PacketId));
        await breaks.AnswerAsync(RawType.PubRel, heard.PacketId);
        breaks.Abort();

        await using var again = await broker.ConnectAsync(clientId, clean: false);

        await again.AnswerAsync(RawType.PubRel, heard.PacketId);
        await again.SendAsync(Packet.PubComp(heard.PacketId));
        await publisher.PublishAsync(_topic, "next", 2);
        await again.ExpectTextAsync("next");
    }

    [Fact]
    public async Task What_was_sent_with_QoS_2_ends_with_the_session()
    {
        await using var publisher = await broker.ConnectAsync();
        await using var breaks = await MemberAsync(2);
        await publisher.PublishAsync(_topic, "sent", 2);
        await breaks.HearUnansweredAsync();
        await using var stays = await MemberAsync(2);

        breaks.Abort();
        await publisher.PublishCountAsync(_topic, 2, qos: 2);

        // One may have been given to the one that broke before the broker heard of it; that one was not sent.
        var texts = new[] { (await stays.HearAsync()).Text, (await stays.HearAsync()).Text };
        Assert.Equal(["0", "1"], texts.Order());
    }

    [Fact, Spec("MQTT-3.10.4-3")]
    public async Task What_was_sent_before_UNSUBSCRIBE_is_finished_behind_it()
    {
        await using var publisher = await broker.ConnectAsync();
        await using var leaves = await MemberAsync(2);
        await publisher.PublishAsync(_topic, "sent", 2);
        var heard = await leaves.HearUnansweredAsync();
        await using var stays = await MemberAsync(2);

        await leaves.UnsubscribeAsync(Filter);
        await leaves.AcknowledgeAsync(heard);

        await publisher.PublishAsync(_topic, "fence", 2);
        await stays.ExpectTextAsync("fence");
    }

    [Fact]
    public async Task Who_does_not_acknowledge_costs_the_others_nothing()
    {
        const int count = 3_000;
        await using var publisher = await broker.ConnectAsync();
        await using var idles = await MemberAsync(1);
        await using var works = await MemberAsync(1);
        var hearing = Task.Run(async () =>
        {
            var heard = new HashSet<string>();
            while (heard.Count < count)
                heard.Add((await works.HearAsync()).Text);
        }, TestContext.Current.CancellationToken);

        await publisher.PublishCountAsync(_topic, count, qos: 1);
        Assert.False(hearing.IsCompleted);
        idles.Abort();

        await hearing;
    }

    [Theory, InlineData(1), InlineData(2)]
    public async Task A_client_that_hears_alone_and_in_a_share_has_no_identifier_twice(int qos)
    {
        await using var publisher = await broker.ConnectAsync();
        await using var member = await MemberAsync(qos, Unique.ClientId());
        await using var clean = await MemberAsync(qos, share: "other");
        await member.SubscribeAsync(_topic, qos);
        await clean.SubscribeAsync(_topic, qos);

        await publisher.PublishCountAsync(_topic, 40, qos);

        foreach (var client in new[] { member, clean })
        {
            var identifiers = new HashSet<int>();
            for (var i = 0; i < 80; i++)
                Assert.True(identifiers.Add((await client.HearUnansweredAsync()).PacketId));
        }
    }

    [Fact]
    public async Task A_member_that_is_taken_over_goes_on_with_its_new_connection()
    {
        var clientId = Unique.ClientId();
        await using var publisher = await broker.ConnectAsync();
        await using var old = await MemberAsync(1, clientId);
        await publisher.PublishCountAsync(_topic, 10, qos: 1);
        await old.HearUnansweredAsync();

        await using var young = await broker.ConnectAsync(clientId, clean: false);
        await publisher.PublishCountAsync(_topic, 10, qos: 1, from: 10);

        Assert.Equal(Enumerable.Range(0, 20), await young.HearCountAsync(20));
    }

    [Fact]
    public async Task The_share_ends_with_its_last_member_and_what_waits_with_it()
    {
        var clientId = Unique.ClientId();
        await using var publisher = await broker.ConnectAsync();
        var member = await MemberAsync(1, clientId);
        await member.DisconnectAsync();
        await publisher.PublishAsync(_topic, "waits", 1);
        await using (await broker.ConnectAsync(clientId, clean: true))
        {
            // It forgets what it was subscribed to.
        }

        await publisher.PublishAsync(_topic, "to nobody", 1);
        await using var late = await MemberAsync(1);
        await publisher.PublishAsync(_topic, "new", 1);

        await late.ExpectTextAsync("new");
    }

    private async Task<RawClient> MemberAsync(int qos, string? clientId = null, string share = "g")
    {
        var member = await broker.ConnectAsync(clientId, clean: clientId is null);
        await member.SubscribeAsync($"$share/{share}/{_topic}", qos);
        return member;
    }
}
