using Orleans.Mqtt.Messages;
using Orleans.Mqtt.Protocol;
using Orleans.Mqtt.Streams;
using Orleans.Streams;

namespace Orleans.Mqtt.Client.Streams;

/// <summary>The messages of one filter as a stream. What is put into one whose key is a topic is published there.</summary>
internal sealed class MqttStream(IAsyncStream<Message> carrier, IGrainFactory grains) : IAsyncStream<Message>
{
    public bool IsRewindable => false;

    public string ProviderName => MqttStreams.Provider;

    public StreamId StreamId => carrier.StreamId;

    private string Filter => StreamId.GetKeyAsString();

    public async Task<StreamSubscriptionHandle<Message>> SubscribeAsync(IAsyncObserver<Message> observer)
    {
        await OpenAsync();
        return await carrier.SubscribeAsync(observer);
    }

    public async Task<StreamSubscriptionHandle<Message>> SubscribeAsync(
        IAsyncObserver<Message> observer, StreamSequenceToken? token, string? filterData = null)
    {
        await OpenAsync();
        return await carrier.SubscribeAsync(observer, token, filterData);
    }

    public async Task<StreamSubscriptionHandle<Message>> SubscribeAsync(IAsyncBatchObserver<Message> observer)
    {
        await OpenAsync();
        return await carrier.SubscribeAsync(observer);
    }

    public async Task<StreamSubscriptionHandle<Message>> SubscribeAsync(
        IAsyncBatchObserver<Message> observer, StreamSequenceToken? token)
    {
        await OpenAsync();
        return await carrier.SubscribeAsync(observer, token);
    }

    public Task<IList<StreamSubscriptionHandle<Message>>> GetAllSubscriptionHandles() => carrier.GetAllSubscriptionHandles();

    public async Task OnNextAsync(Message item, StreamSequenceToken? token = null)
    {
        var verdict = await grains.GetTopic(Filter).Publish(item);
        if (verdict.IsError())
            throw new InvalidOperationException($"The message was not published: {verdict}.");
    }

    public async Task OnNextBatchAsync(IEnumerable<Message> batch, StreamSequenceToken? token = null)
    {
        foreach (var item in batch)
            await OnNextAsync(item, token);
    }

    /// <summary>A topic has no end.</summary>
    public Task OnCompletedAsync() => throw new NotSupportedException("The stream of a topic does not end.");

    public Task OnErrorAsync(Exception ex) => throw new NotSupportedException("The stream of a topic does not fail.", ex);

    public bool Equals(IAsyncStream<Message>? other) => other is MqttStream && other.StreamId == StreamId;

    public override bool Equals(object? obj) => Equals(obj as IAsyncStream<Message>);

    public override int GetHashCode() => StreamId.GetHashCode();

    public int CompareTo(IAsyncStream<Message>? other) => other is null ? 1 : StreamId.CompareTo(other.StreamId);

    private Task OpenAsync() => grains.GetGrain<IStreamRegistryGrain>(0).Open(Filter);
}
