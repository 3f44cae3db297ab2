using System.Threading.Channels;
using MQTTnet;
using MQTTnet.Formatter;
using MQTTnet.Packets;
using MQTTnet.Protocol;
using Orleans.Mqtt.Tests.Support;
using Xunit;

namespace Orleans.Mqtt.Tests.Broker.Interop;

/// <summary>MQTTnet's client with an inbox: other people's idea of the protocol as a judge of ours.</summary>
internal sealed class OtherClient : IAsyncDisposable
{
    private readonly IMqttClient _client = new MqttClientFactory().CreateMqttClient();
    private readonly Channel<MqttApplicationMessageReceivedEventArgs> _inbox =
        Channel.CreateUnbounded<MqttApplicationMessageReceivedEventArgs>();
    private readonly TaskCompletionSource<MqttClientDisconnectedEventArgs> _gone = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private OtherClient()
    {
        _client.ApplicationMessageReceivedAsync += received => _inbox.Writer.WriteAsync(received).AsTask();
        _client.DisconnectedAsync += ended =>
        {
            _gone.TrySetResult(ended);
            return Task.CompletedTask;
        };
    }

    public bool IsSessionPresent => Answer.IsSessionPresent;

    /// <summary>What CONNACK said.</summary>
    public MqttClientConnectResult Answer { get; private set; } = new();

    public Task<MqttClientDisconnectedEventArgs> Gone => _gone.Task.WaitAsync(RawClient.Patience);

    /// <summary>For what this class has no words for.</summary>
    public IMqttClient Client => _client;

    /// <summary>Over TCP, or with port 0 over what <paramref name="more"/> sets.</summary>
    public static async Task<OtherClient> ConnectAsync(
        int port, string? clientId = null, bool clean = true, Action<MqttClientOptionsBuilder>? more = null)
    {
        var client = new OtherClient();
        var options = new MqttClientOptionsBuilder()
            .WithProtocolVersion(MqttProtocolVersion.V311)
            .WithClientId(clientId ?? Unique.ClientId("n"))
            .WithCleanSession(clean)
            .WithTimeout(RawClient.Patience);
        if (port > 0)
            options.WithTcpServer("127.0.0.1", port);
        more?.Invoke(options);
        client.Answer = await client._client.ConnectAsync(options.Build(), CancellationToken.None);
        return client;
    }

    public async Task<MqttClientSubscribeResultCode[]> SubscribeAsync(params (string Filter, int QoS)[] filters)
    {
        var options = new MqttClientSubscribeOptions
        {
            TopicFilters =
            [
                .. filters.Select(each => new MqttTopicFilter
                {
                    Topic = each.Filter, QualityOfServiceLevel = (MqttQualityOfServiceLevel)each.QoS,
                }),
            ],
        };
        var answer = await _client.SubscribeAsync(options, CancellationToken.None);
        return [.. answer.Items.Select(item => item.ResultCode)];
    }

    /// <summary>Returns when the broker has taken it, by the rules of its QoS.</summary>
    public Task PublishAsync(string topic, string payload, int qos = 0, bool retain = false) =>
        _client.PublishAsync(new MqttApplicationMessageBuilder()
            .WithTopic(topic)
            .WithPayload(payload)
            .WithQualityOfServiceLevel((MqttQualityOfServiceLevel)qos)
            .WithRetainFlag(retain)
            .Build(), CancellationToken.None);

    public async Task<MqttApplicationMessage> HearAsync()
    {
        using var patience = new CancellationTokenSource(RawClient.Patience);
        return (await _inbox.Reader.ReadAsync(patience.Token)).ApplicationMessage;
    }

    public async Task ExpectAsync(string topic, string payload, int qos)
    {
        var heard = await HearAsync();
        Assert.Equal(
            (topic, payload, qos),
            (heard.Topic, heard.ConvertPayloadToString() ?? "", (int)heard.QualityOfServiceLevel));
    }

    public Task DisconnectAsync() => _client.DisconnectAsync(new MqttClientDisconnectOptions(), CancellationToken.None);

    /// <summary>Without a DISCONNECT the socket goes down under it.</summary>
    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        return ValueTask.CompletedTask;
    }
}
