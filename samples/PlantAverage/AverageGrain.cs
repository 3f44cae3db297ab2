using System.Globalization;
using Orleans.Mqtt.Messages;
using Orleans.Mqtt.Protocol;
using Orleans.Mqtt.Streams;
using Orleans.Streams;
using Orleans.Streams.Core;

namespace Orleans.Mqtt.Samples.PlantAverage;

/// <summary>The average of what is said on a filter (key: the filter).</summary>
[Alias("samples.average")]
public interface IAverageGrain : IGrainWithStringKey
{
    [Alias("read")]
    Task<double> Read();
}

/// <summary>
/// A grain in the silo that hears the messages of a filter that is carried into a stream, without having subscribed: it is made
/// when the first one comes. It publishes what it finds, kept for whoever looks later.
/// </summary>
[ImplicitStreamSubscription(MqttStreams.Namespace)]
public sealed class AverageGrain : Grain, IAverageGrain, IStreamSubscriptionObserver, IAsyncObserver<Message>
{
    private const string Filter = "hall/+/temp", Average = "hall/average";

    private int _count;
    private double _sum;

    public Task<double> Read() => Task.FromResult(_count == 0 ? 0 : _sum / _count);

    // The subscription is to every stream; this is for one.
    public Task OnSubscribed(IStreamSubscriptionHandleFactory handleFactory) => this.GetPrimaryKeyString() == Filter
        ? handleFactory.Create<Message>().ResumeAsync(this)
        : Task.CompletedTask;

    public async Task OnNextAsync(Message item, StreamSequenceToken? token = null)
    {
        if (!double.TryParse(item.Text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value))
            return;

        _count++;
        _sum += value;
        var average = (_sum / _count).ToString(CultureInfo.InvariantCulture);
        await GrainFactory.GetTopic(Average).Publish(
            Message.Of(Average, average, QoS.AtLeastOnce) with { Retain = true });
    }

    public Task OnErrorAsync(Exception ex) => Task.CompletedTask; // a message did not come; the next one will
}
