using Orleans.Mqtt.Tests.Support;
using Xunit;

namespace Orleans.Mqtt.Tests.Broker.V5.Publishing;

/// <summary>Sections 3.3.2.3.4 and 3.3.4: topic aliases in both directions.</summary>
public sealed class AliasTests(SharedBroker broker)
{
    private readonly string _topic = Unique.Topic("alias");

    [Fact, Spec("MQTT-3.3.2-12")]
    public async Task A_client_may_use_every_alias_that_it_was_offered()
    {
        await using var alice = await broker.Connect5Async();
        await alice.SubscribeAsync($"{_topic}/#", 1);
        await using var bob = await broker.Connect5Async();
        var most = (int)bob.Welcome.Find(Prop.TopicAliasMaximum)!.Number;

        for (var alias = 1; alias <= most; alias++)
            await bob.SendAsync(Publish($"{_topic}/{alias}", $"{alias}", alias));
        for (var alias = most; alias >= 1; alias--)
            await bob.SendAsync(Publish("", $"again {alias}", alias, qos: 1));

        for (var alias = 1; alias <= most; alias++)
            await alice.ExpectTextAsync($"{alias}", $"{_topic}/{alias}");
        for (var alias = most; alias >= 1; alias--)
            await alice.ExpectTextAsync($"again {alias}", $"{_topic}/{alias}");
    }

    [Fact]
    public async Task An_alias_may_be_given_to_another_topic()
    {
        await using var alice = await broker.Connect5Async();
        await alice.SubscribeAsync($"{_topic}/#");
        await using var bob = await broker.Connect5Async();

        await bob.SendAsync(
            Publish($"{_topic}/a", "1", alias: 1), Publish("", "2", alias: 1),
            Publish($"{_topic}/b", "3", alias: 1), Publish("", "4", alias: 1));

        await alice.ExpectTextAsync("1", $"{_topic}/a");
        await alice.ExpectTextAsync("2", $"{_topic}/a");
        await alice.ExpectTextAsync("3", $"{_topic}/b");
        await alice.ExpectTextAsync("4", $"{_topic}/b");
    }

    [Fact, Spec("MQTT-3.3.2-7")]
    public async Task An_alias_ends_with_its_connection()
    {
        var lasting = new Props().Int(Prop.SessionExpiry, 60);
        var id = Unique.ClientId();
        await using (var bob = await broker.Connect5Async(lasting, id))
        {
            await bob.SendAsync(Publish(_topic, "1", alias: 1));
            await bob.DisconnectAsync();
        }

        await using var again = await broker.Connect5Async(lasting, id, clean: false);
        Assert.True(again.SessionPresent);
        await again.SendAsync(Publish("", "2", alias: 1));
        await again.ExpectGoodbyeAsync(0x82);
    }

    [Fact, Spec("MQTT-3.3.2-8", "MQTT-4.13.1-1")]
    public Task Alias_0_is_invalid() => broker.ExpectGoodbyeUponAsync(0x94, Publish(_topic, "", alias: 0));

    [Fact]
    public async Task An_alias_beyond_the_maximum_is_invalid()
    {
        await broker.ExpectGoodbyeUponAsync(0x94, Publish(_topic, "", alias: 33));
        await broker.ExpectGoodbyeUponAsync(0x94, Publish("", "", alias: 65_535));
    }

    [Fact]
    public Task An_alias_that_stands_for_nothing_is_a_protocol_error() =>
        broker.ExpectGoodbyeUponAsync(0x82, Publish("", "", alias: 2));

    [Fact, Spec("MQTT-3.1.2-27")]
    public async Task Who_did_not_ask_for_aliases_gets_none()
    {
        await using var alice = await broker.Connect5Async();
        await alice.SubscribeAsync(_topic);
        await using var bob = await broker.Connect5Async();
        for (var i = 0; i < 10; i++)
        {
            await bob.PublishAsync(_topic, "hello");
            var heard = await alice.HearAsync();
            Assert.Equal(_topic, heard.Topic);
            Assert.Empty(heard.Properties);
        }
    }

    [Fact, Spec("MQTT-3.1.2-26")]
    public async Task The_first_topics_get_their_alias_at_once()
    {
        await using var alice = await broker.Connect5Async(new Props().Short(Prop.TopicAliasMaximum, 1));
        await alice.SubscribeAsync($"{_topic}/#", 2);
        await using var bob = await broker.Connect5Async();

        foreach (var (name, said, alias) in new[] { ("a", "a", 1L), ("b", "b", 0), ("a", "", 1) })
        {
            await bob.PublishAsync($"{_topic}/{name}", "hello", qos: 1);
            var heard = await alice.HearAsync();
            Assert.Equal(said.Length > 0 ? $"{_topic}/{said}" : "", heard.Topic);
            Assert.Equal(alias, heard.Properties.Find(Prop.TopicAlias)?.Number ?? 0);
        }
    }

    [Theory, InlineData(0), InlineData(1), InlineData(2), Spec("MQTT-3.1.2-26", "MQTT-3.3.2-11")]
    public async Task A_topic_that_comes_again_gets_an_alias_within_what_the_client_takes(int qos)
    {
        const int Most = 3;
        await using var alice = await broker.Connect5Async(new Props().Short(Prop.TopicAliasMaximum, Most));
        await alice.SubscribeAsync($"{_topic}/#", qos);
        await using var bob = await broker.Connect5Async();
        var known = new Dictionary<long, string>();
        var (saved, random) = (0, new Random(7));

        for (var i = 0; i < 200; i++)
        {
            // Mostly a few topics, now and then one of many.
            var topic = $"{_topic}/{(i % 10 == 0 ? random.Next(100) : random.Next(Most))}";
            await bob.PublishAsync(topic, $"{i}", qos);
            var heard = await alice.HearAsync();
            var alias = heard.Properties.Find(Prop.TopicAlias)?.Number ?? 0;
            Assert.InRange(alias, 0, Most);
            if (heard.Topic.Length > 0 && alias > 0)
                known[alias] = heard.Topic;
            Assert.Equal(topic, heard.Topic.Length > 0 ? heard.Topic : known[alias]);
            saved += heard.Topic.Length == 0 ? 1 : 0;
        }

        Assert.True(saved > 100, $"only {saved} of 200 topics were left out");
    }

    [Fact]
    public async Task A_topic_that_is_as_short_as_an_alias_gets_none()
    {
        var topic = Unique.Token()[^3..];
        await using var alice = await broker.Connect5Async(new Props().Short(Prop.TopicAliasMaximum, 10));
        await alice.SubscribeAsync(topic, 1);
        for (var i = 0; i < 5; i++)
        {
            await alice.PublishAsync(topic, $"{i}", qos: 1);
            Assert.Equal(topic, (await alice.HearAsync()).Topic);
        }
    }

    private static byte[] Publish(string topic, string text, int alias, int qos = 0) =>
        Packet.Publish(topic, text, qos, packetId: qos == 0 ? 0 : alias, properties: new Props().Short(Prop.TopicAlias, alias));
}
