using System.Text;
using Orleans.Mqtt.Messages;
using Orleans.Mqtt.Protocol;
using Orleans.Mqtt.Protocol.Topics;
using Orleans.Mqtt.Routing;
using Orleans.Mqtt.Sessions;

namespace Orleans.Mqtt.Topics;

/// <summary>Reads retained messages for subscriptions, whichever slices they are in.</summary>
public static class RetainedReads
{
    /// <summary>The subscriptions that call for retained messages, by their Retain Handling. [MQTT5-3.3.1-9 to -11]</summary>
    public static Subscription[] Wanted(Subscription[] subscriptions, IReadOnlyCollection<Subscription> before) =>
        Array.FindAll(subscriptions, subscription => subscription.RetainHandling switch
        {
            0 => true,
            1 => before.All(known => known.Filter != subscription.Filter),
            _ => false,
        });

    /// <summary>The retained messages that match any of the subscriptions, each once.</summary>
    public static async Task<MessageBatch> ReadRetained(this IGrainFactory grains, Subscription[] subscriptions)
    {
        var filters = Array.ConvertAll(subscriptions, subscription => subscription.MatchedFilter);
        var reads = Enumerable.Range(0, RouteSlices.Count)
            .Select(slice => (Slice: slice, Filters: Array.FindAll(filters, filter => MayBeIn(slice, filter))))
            .Where(read => read.Filters.Length > 0)
            .Select(read => grains.GetGrain<IRetainedGrain>(read.Slice).Read(read.Filters));

        var found = await Task.WhenAll(reads);
        var filled = Array.FindAll(found, batch => batch.Count > 0);
        return filled.Length switch
        {
            0 => MessageBatch.Empty,
            1 => filled[0],
            _ => new MessageBatch(
                filled.SelectMany(batch => batch.Bytes.ToArray()).ToArray(), filled.Sum(batch => batch.Count)),
        };
    }

    /// <summary>The QoS of a retained message for these subscriptions: the published one, or the highest granted.</summary>
    public static QoS QoSOf(in MessageRecord record, Subscription[] subscriptions)
    {
        var granted = QoS.AtMostOnce;
        foreach (var subscription in subscriptions)
        {
            if (subscription.QoS > granted && TopicMatcher.Matches(Encoding.UTF8.GetBytes(subscription.MatchedFilter), record.Topic))
                granted = subscription.QoS;
        }

        return record.QoS < granted ? record.QoS : granted;
    }

    private static bool MayBeIn(int slice, string filter) =>
        filter.AsSpan().IndexOfAny('+', '#') >= 0 || RouteSlices.Of(Encoding.UTF8.GetBytes(filter)) == slice;
}
