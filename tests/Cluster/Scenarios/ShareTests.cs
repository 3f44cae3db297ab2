using System.Globalization;
using Orleans.Mqtt.Tests.Cluster.Measurements;
using Orleans.Mqtt.Tests.Support;
using Xunit;

namespace Orleans.Mqtt.Tests.Cluster.Scenarios;

/// <summary>Shared subscriptions whose members are on different gateways.</summary>
public sealed class ShareTests(SharedCluster shared) : ClusterTests(shared)
{
    private const double MostFromEven = 0.2;

    private readonly string _topic = Unique.Topic();

    private string Filter => $"$share/g/{_topic}";

    [Theory, InlineData(ShareVictimName.Member), InlineData(ShareVictimName.Gateway), InlineData(ShareVictimName.Silo)]
    public async Task Nothing_is_lost_whoever_is_killed_and_before_it_each_member_had_its_share(ShareVictimName victim)
    {
        var loss = new ShareLoss(messages: 6_000, (ShareVictim)victim, TestContext.Current.TestOutputHelper!.WriteLine);

        var findings = await loss.RunAsync(Cluster);

        Assert.True(findings.IsClean, findings.ToString());
        Assert.InRange(loss.Spread, 0, MostFromEven);
    }

    [Theory, InlineData(0), InlineData(1), InlineData(2)]
    public async Task Each_message_goes_to_one_member_wherever_it_is(int qos)
    {
        await using var publisher = await Far.ConnectAsync();
        var members = new[] { await Near.ConnectAsync(), await Near.ConnectAsync(), await Far.ConnectAsync() };
        foreach (var member in members)
            await member.SubscribeAsync(Filter, qos);

        await PublishAsync(publisher, 30, qos);

        var heard = await Task.WhenAll(members.Select(member => HearAsync(member, 10)));
        Assert.Equal(Enumerable.Range(0, 30), heard.SelectMany(numbers => numbers).Order());
        foreach (var member in members)
            await member.DisposeAsync();
    }

    [Fact, Spec("MQTT-4.8.2-4")]
    public async Task What_was_sent_with_QoS_2_is_finished_on_another_gateway()
    {
        var clientId = Unique.ClientId();
        await using var publisher = await Far.ConnectAsync();
        await using var breaks = await Near.ConnectAsync(clientId, clean: false);
        await breaks.SubscribeAsync(Filter, 2);
        await PublishAsync(publisher, 10, qos: 2);
        var first = new List<Heard>();
        for (var i = 0; i < 10; i++)
            first.Add(await breaks.HearUnansweredAsync());
        breaks.Abort();

        await using var again = await Far.ConnectAsync(clientId, clean: false);

        foreach (var heard in first)
        {
            var repeated = await again.HearAsync();
            Assert.Equal((heard.PacketId, heard.Text, true), (repeated.PacketId, repeated.Text, repeated.Dup));
        }
    }

    [Fact]
    public async Task Messages_wait_while_all_members_are_away_and_silos_come_and_go()
    {
        var clientId = Unique.ClientId();
        await using var publisher = await Far.ConnectAsync();
        var member = await Near.ConnectAsync(clientId, clean: false);
        await member.SubscribeAsync(Filter, 1);
        await member.DisconnectAsync();
        await PublishAsync(publisher, 100, qos: 1);
        await Cluster.Silos[0].KillAsync();
        await Cluster.Silos[1].KillAsync();

        await using var again = await Far.ConnectAsync(clientId, clean: false);

        Assert.Equal(Enumerable.Range(0, 100), await HearAsync(again, 100));
    }

    private async Task PublishAsync(RawClient publisher, int count, int qos)
    {
        for (var i = 0; i < count; i++)
            await publisher.PublishAsync(_topic, i.ToString(CultureInfo.InvariantCulture), qos);
    }

    private static async Task<List<int>> HearAsync(RawClient member, int count)
    {
        var heard = new List<int>();
        for (var i = 0; i < count; i++)
            heard.Add(int.Parse((await member.HearAsync()).Text, CultureInfo.InvariantCulture));
        return heard;
    }
}

/// <summary><see cref="ShareVictim"/>, for the eyes of the test runner.</summary>
public enum ShareVictimName
{
    Member = ShareVictim.Member,
    Gateway = ShareVictim.Gateway,
    Silo = ShareVictim.Silo,
}
