using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Orleans.Mqtt.Cluster;
using Orleans.Mqtt.Gateway;
using Orleans.Mqtt.Gateway.Figures;
using Orleans.Mqtt.Messages;
using Xunit;

namespace Orleans.Mqtt.Tests.Unit.Gateway.Figures;

/// <summary>Whoever subscribes to $SYS costs the cluster little.</summary>
public sealed class SysTopicsTests
{
    private readonly HastyTime _time = new();
    private Func<Task<BrokerStatistics>> _answer = () => Task.FromResult(new BrokerStatistics { ConnectedClients = 7 });
    private int _asked;

    [Fact]
    public async Task A_crowd_asks_the_cluster_once_a_second()
    {
        var answer = new TaskCompletionSource<BrokerStatistics>();
        _answer = () => answer.Task;
        var topics = TopicsEvery(TimeSpan.FromSeconds(10));

        var crowd = Enumerable.Range(0, 100).Select(_ => topics.ReadAsync()).ToArray();
        Pass(TimeSpan.FromSeconds(5)); // one answer is waited for at a time, however long it takes
        crowd = [.. crowd, topics.ReadAsync()];
        answer.SetResult(new BrokerStatistics());
        await Task.WhenAll(crowd);

        Assert.Equal(1, _asked);
        Pass(TimeSpan.FromSeconds(1));
        await topics.ReadAsync();
        await topics.ReadAsync();
        Assert.Equal(2, _asked);
    }

    [Fact]
    public async Task Where_the_cluster_does_not_answer_nothing_is_told_and_it_is_asked_again()
    {
        var topics = TopicsEvery(TimeSpan.FromSeconds(10));
        _answer = () => Task.FromException<BrokerStatistics>(new TimeoutException());
        Assert.Equal(0, (await topics.ReadAsync()).Count);

        _answer = () => Task.FromResult(new BrokerStatistics { ConnectedClients = 7 });
        Pass(TimeSpan.FromSeconds(1));

        Assert.Equal("7", TextOf(await topics.ReadAsync(), "$SYS/broker/clients/connected"));
    }

    [Fact]
    public async Task Switched_off_they_ask_nobody()
    {
        Assert.Equal(0, (await TopicsEvery(TimeSpan.Zero).ReadAsync()).Count);
        Assert.Equal(0, _asked);
    }

    private static string? TextOf(MessageBatch batch, string topic)
    {
        foreach (var record in batch)
        {
            if (Encoding.UTF8.GetString(record.Topic) == topic)
                return Encoding.UTF8.GetString(record.Payload);
        }

        return null;
    }

    private void Pass(TimeSpan time) => _time.CreateTimer(_ => { }, null, time, Timeout.InfiniteTimeSpan).Dispose();

    private SysTopics TopicsEvery(TimeSpan interval)
    {
        var broker = FakeGrain.Of<IBrokerGrain>((nameof(IBrokerGrain.Statistics), _ =>
        {
            _asked++;
            return _answer();
        }));
        return new SysTopics(
            FakeGrains.Of(_ => broker), new TestGateway().Downlink, Options.Create(new GatewayOptions { SysTopicsInterval = interval }),
            _time, NullLogger<SysTopics>.Instance);
    }
}
