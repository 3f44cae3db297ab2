using System.Globalization;
using Orleans.Mqtt.Tests.Support;
using Xunit;

namespace Orleans.Mqtt.Tests.Cluster.Scenarios;

/// <summary>Messages of MQTT 5 with the publisher at one gateway and the subscriber at the other.</summary>
public sealed class Version5MessageTests(SharedCluster shared) : ClusterTests(shared)
{
    private const int NoLocal = 0x04, AsPublished = 0x08, IfNew = 0x10, DoNotSend = 0x20;

    private readonly string _topic = Unique.Topic();

    [Theory, InlineData(0), InlineData(1), InlineData(2), Spec("MQTT-3.3.2-18", "MQTT-3.3.2-15", "MQTT-3.3.2-16", "MQTT-3.3.2-20")]
    public async Task All_properties_arrive_and_those_of_the_user_in_order(int qos)
    {
        await using var subscriber = await Far.Connect5Async();
        await subscriber.SubscribeAsync(_topic, qos);
        await using var publisher = await Near.Connect5Async();

        await publisher.PublishAsync(_topic, "hello", qos, properties: new Props()
            .User("b", "2").Byte(Prop.PayloadFormat, 1).User("a", "1").Text(Prop.ContentType, "text/plain")
            .Text(Prop.ResponseTopic, "answers").Binary(Prop.CorrelationData, 1, 2, 3).User("b", "again"));

        var heard = await subscriber.HearAsync();
        Assert.Equal([("b", "2"), ("a", "1"), ("b", "again")], heard.Properties.User());
        Assert.Equal(("hello", qos, 1L), (heard.Text, heard.QoS, heard.Properties.Find(Prop.PayloadFormat)!.Number));
        Assert.Equal("text/plain", heard.Properties.Find(Prop.ContentType)!.Text);
        Assert.Equal("answers", heard.Properties.Find(Prop.ResponseTopic)!.Text);
        Assert.Equal([1, 2, 3], heard.Properties.Find(Prop.CorrelationData)!.Bytes);
    }

    [Fact, Spec("MQTT-3.3.2-5", "MQTT-3.3.2-6")]
    public async Task What_waits_grows_older_and_what_is_too_old_is_not_sent()
    {
        var lasting = new Props().Int(Prop.SessionExpiry, 600);
        var id = Unique.ClientId();
        await using (var subscriber = await Near.Connect5Async(lasting, id))
        {
            await subscriber.SubscribeAsync(_topic, 1);
            await subscriber.DisconnectAsync();
        }

        await using var publisher = await Far.Connect5Async();
        await publisher.PublishAsync(_topic, "short", 1, properties: new Props().Int(Prop.MessageExpiry, 1));
        await publisher.PublishAsync(_topic, "long", 1, properties: new Props().Int(Prop.MessageExpiry, 1_000));
        await publisher.PublishAsync(_topic + "/kept", "short", 1, retain: true, properties: new Props().Int(Prop.MessageExpiry, 1));
        await OutwaitAsync();

        await using var again = await Far.Connect5Async(lasting, id, clean: false);
        var heard = await again.HearAsync();
        Assert.Equal("long", heard.Text);
        Assert.InRange(heard.Properties.Find(Prop.MessageExpiry)!.Number, 800, 998);
        await again.SubscribeAsync(_topic + "/kept", 1);
        await again.ExpectNothingAsync();
    }

    [Theory, InlineData(0u), InlineData(600u), Spec("MQTT-3.3.4-3", "MQTT-3.3.4-4")]
    public async Task A_message_bears_the_identifiers_of_all_subscriptions_that_it_matched(uint expiry)
    {
        await using var subscriber = await Far.Connect5Async(new Props().Int(Prop.SessionExpiry, expiry));
        await subscriber.SubscribeAsync(new Props().VarInt(Prop.SubscriptionId, 1), ($"{_topic}/#", 1));
        await subscriber.SubscribeAsync(new Props().VarInt(Prop.SubscriptionId, 300), ($"{_topic}/+", 2));
        await subscriber.SubscribeAsync(new Props().VarInt(Prop.SubscriptionId, 70_000), ($"{_topic}/other", 2));
        await using var publisher = await Near.Connect5Async();

        await publisher.PublishAsync($"{_topic}/x", "hello", 2);

        var heard = await subscriber.HearAsync();
        Assert.Equal([1, 300], heard.Properties.Numbers(Prop.SubscriptionId));
        await subscriber.ExpectNothingAsync();
    }

    [Fact, Spec("MQTT-3.3.1-9", "MQTT-3.3.1-10", "MQTT-3.3.1-11", "MQTT-3.3.1-12", "MQTT-3.3.1-13")]
    public async Task Retained_messages_are_handled_as_the_subscription_wants()
    {
        await using var publisher = await Near.Connect5Async();
        await publisher.PublishAsync(_topic, "kept", 1, retain: true);
        await using var subscriber = await Far.Connect5Async();

        await subscriber.SubscribeAsync(new Props(), (_topic, 1 | DoNotSend));
        await subscriber.SubscribeAsync(new Props(), (_topic, 1 | IfNew));
        await subscriber.ExpectNothingAsync();
        await subscriber.UnsubscribeAsync(_topic);
        await subscriber.SubscribeAsync(new Props(), (_topic, 1 | IfNew));
        await subscriber.ExpectTextAsync("kept");
        await subscriber.SubscribeAsync(new Props(), (_topic, 1 | AsPublished));
        await subscriber.ExpectTextAsync("kept");

        await publisher.PublishAsync(_topic, "newer", 1, retain: true);
        var heard = await subscriber.HearAsync();
        Assert.Equal(("newer", true), (heard.Text, heard.Retain));
        await subscriber.SubscribeAsync(new Props(), (_topic, 1 | DoNotSend));
        await publisher.PublishAsync(_topic, "newest", 1, retain: true);
        heard = await subscriber.HearAsync();
        Assert.Equal(("newest", false), (heard.Text, heard.Retain));
        await publisher.PublishAsync(_topic, "", 1, retain: true);
    }

    [Fact, Spec("MQTT-3.8.3-3")]
    public async Task Who_does_not_want_to_hear_itself_does_not_at_the_other_gateway_either()
    {
        var lasting = new Props().Int(Prop.SessionExpiry, 600);
        var id = Unique.ClientId();
        await using var other = await Near.Connect5Async();
        await using (var client = await Near.Connect5Async(lasting, id))
        {
            await client.SubscribeAsync(new Props(), (_topic, 1 | NoLocal));
            await client.PublishAsync(_topic, "own, at the first", 1);
            await client.ExpectNothingAsync();
            await client.DisconnectAsync();
        }

        await using var again = await Far.Connect5Async(lasting, id, clean: false);
        await again.PublishAsync(_topic, "own, at the second", 1);
        await other.PublishAsync(_topic, "another's", 1);

        await again.ExpectTextAsync("another's");
        await again.ExpectNothingAsync();
    }

    [Fact, Spec("MQTT-3.3.2-7")]
    public async Task An_alias_is_a_matter_of_one_connection()
    {
        await using var subscriber = await Far.Connect5Async(new Props().Short(Prop.TopicAliasMaximum, 5));
        await subscriber.SubscribeAsync($"{_topic}/#", 1);
        await using var one = await Near.Connect5Async();
        await using var other = await Far.Connect5Async();
        foreach (var (client, level) in new[] { (one, "one"), (other, "other") })
            await client.PublishAsync($"{_topic}/{level}", "by name", 1, properties: new Props().Short(Prop.TopicAlias, 1));
        await one.PublishAsync("", "by alias", 1, properties: new Props().Short(Prop.TopicAlias, 1));
        await other.PublishAsync("", "by alias", 1, properties: new Props().Short(Prop.TopicAlias, 1));

        var known = new Dictionary<long, string>();
        var heard = new List<string>();
        for (var i = 0; i < 4; i++)
        {
            var message = await subscriber.HearAsync();
            var alias = message.Properties.Find(Prop.TopicAlias)?.Number ?? 0;
            if (message.Topic.Length > 0)
                known[alias] = message.Topic;
            heard.Add($"{(message.Topic.Length > 0 ? message.Topic : known[alias])[(_topic.Length + 1)..]} {message.Text}");
        }

        Assert.Equal(["one by alias", "one by name", "other by alias", "other by name"], heard.Order(StringComparer.Ordinal));
    }

    [Theory, InlineData(0u, 0), InlineData(0u, 1), InlineData(600u, 1), Spec("MQTT-3.1.2-24", "MQTT-3.1.2-25")]
    public async Task What_is_too_large_for_a_subscriber_is_as_if_it_had_it(uint expiry, int qos)
    {
        await using var subscriber = await Far.Connect5Async(
            new Props().Int(Prop.MaximumPacketSize, 200).Int(Prop.SessionExpiry, expiry));
        await subscriber.SubscribeAsync(_topic, qos);
        await using var publisher = await Near.Connect5Async();

        await publisher.PublishAsync(_topic, new string('x', 300), qos);
        await publisher.PublishAsync(_topic, "fits", qos);

        await subscriber.ExpectTextAsync("fits");
        await subscriber.ExpectNothingAsync();
    }

    [Theory, InlineData(0u), InlineData(600u), Spec("MQTT-4.9.0-1", "MQTT-4.9.0-2", "MQTT-3.3.4-9")]
    public async Task A_subscriber_has_no_more_under_way_than_it_takes(uint expiry)
    {
        await using var subscriber = await Far.Connect5Async(
            new Props().Short(Prop.ReceiveMaximum, 2).Int(Prop.SessionExpiry, expiry));
        await subscriber.SubscribeAsync(_topic, 1);
        await using var publisher = await Near.Connect5Async();
        for (var i = 0; i < 5; i++)
            await publisher.PublishAsync(_topic, $"{i}", 1);

        var open = new Queue<Heard>([await subscriber.HearUnansweredAsync(), await subscriber.HearUnansweredAsync()]);
        for (var i = 0; i < 5; i++)
        {
            await subscriber.ExpectNothingAsync();
            var oldest = open.Dequeue();
            Assert.Equal($"{i}", oldest.Text);
            await subscriber.AcknowledgeAsync(oldest);
            if (i < 3)
                open.Enqueue(await subscriber.HearUnansweredAsync());
        }
    }

    [Fact]
    public async Task A_question_at_one_gateway_is_answered_at_the_other()
    {
        await using var asker = await Near.Connect5Async();
        await using var knower = await Far.Connect5Async();
        await knower.SubscribeAsync(_topic + "/questions", 1);
        await asker.SubscribeAsync(_topic + "/answers", 1);
        await asker.PublishAsync(_topic + "/questions", "6 * 7", 1, properties: new Props()
            .Text(Prop.ResponseTopic, _topic + "/answers").Binary(Prop.CorrelationData, 7));

        var question = await knower.HearAsync();
        await knower.PublishAsync(question.Properties.Find(Prop.ResponseTopic)!.Text, "42", 1, properties: new Props()
            .Binary(Prop.CorrelationData, question.Properties.Find(Prop.CorrelationData)!.Bytes));

        var answer = await asker.HearAsync();
        Assert.Equal("42", answer.Text);
        Assert.Equal([7], answer.Properties.Find(Prop.CorrelationData)!.Bytes);
    }

    [Theory, InlineData(0), InlineData(1), InlineData(2)]
    public async Task A_share_has_members_of_both_versions_at_both_gateways(int qos)
    {
        RawClient[] members =
            [await Near.Connect5Async(), await Far.Connect5Async(), await Far.ConnectAsync(), await Near.ConnectAsync()];
        foreach (var member in members)
            await member.SubscribeAsync($"$share/g/{_topic}", qos);
        await using var publisher = await Far.Connect5Async();

        for (var i = 0; i < 20; i++)
            await publisher.PublishAsync(_topic, $"{i}", qos, properties: new Props().User("number", $"{i}"));

        var heard = new List<int>();
        foreach (var member in members)
        {
            for (var i = 0; i < 5; i++)
            {
                var message = await member.HearAsync();
                heard.Add(int.Parse(message.Text, CultureInfo.InvariantCulture));
                if (member.IsVersion5)
                    Assert.Equal([("number", message.Text)], message.Properties.User());
            }

            await member.DisposeAsync();
        }

        Assert.Equal(Enumerable.Range(0, 20), heard.Order());
    }

    [Theory, InlineData(0), InlineData(1), InlineData(2)]
    public async Task Both_versions_talk_to_each_other(int qos)
    {
        await using var old = await Near.ConnectAsync();
        await using var young = await Far.Connect5Async();
        foreach (var client in new[] { old, young })
            await client.SubscribeAsync(_topic, qos);

        await old.PublishAsync(_topic, "from the old", qos);
        await old.ExpectTextAsync("from the old");
        await young.ExpectTextAsync("from the old");
        await young.PublishAsync(_topic, "from the young", qos, properties: new Props().User("a", "1"));

        await old.ExpectTextAsync("from the young");
        await young.ExpectTextAsync("from the young");
    }

    [Fact]
    public async Task A_delayed_message_comes_when_it_is_due()
    {
        await using var subscriber = await Far.Connect5Async();
        await subscriber.SubscribeAsync(_topic, 1);
        await using var publisher = await Near.Connect5Async();
        using var clock = PromiseClock.StartNew();

        await publisher.PublishAsync($"$delayed/6/{_topic}", "later", 1, properties: new Props().User("a", "1"));
        await publisher.PublishAsync(_topic, "now", 1);

        await subscriber.ExpectTextAsync("now");
        var heard = await subscriber.HearAsync();
        clock.ExpectBetween(5.9, 11);
        Assert.Equal(("later", _topic), (heard.Text, heard.Topic));
        Assert.Equal([("a", "1")], heard.Properties.User());
    }

    [Fact]
    public async Task What_is_exclusive_is_so_at_every_gateway()
    {
        const int QuotaExceeded = 0x97;
        var filter = $"$exclusive/{_topic}";
        await using var one = await Near.Connect5Async();
        await using var other = await Far.Connect5Async();
        Assert.Equal(1, Assert.Single(await one.AskAsync((filter, 1))));
        Assert.Equal(QuotaExceeded, Assert.Single(await other.AskAsync((filter, 1))));

        await one.UnsubscribeAsync(filter);

        Assert.Equal(1, Assert.Single(await other.AskAsync((filter, 1))));
        Assert.Equal(QuotaExceeded, Assert.Single(await one.AskAsync((filter, 1))));
        await one.PublishAsync(_topic, "hello", 1);
        await other.ExpectTextAsync("hello");
    }

    // The broker says when: by hanging up on a client that was silent for its keep alive.
    private async Task OutwaitAsync()
    {
        await using var silent = await Near.ConnectAsync(new ConnectOptions { KeepAlive = 2 });
        await silent.ExpectClosedAsync();
    }
}
