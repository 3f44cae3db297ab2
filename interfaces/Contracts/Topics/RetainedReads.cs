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
    /// <summary>
    /// The subscriptions that call for retained messages, by their Retain Handling. [MQTT5-3.3.1-9 to -11] A shared one never
    /// does: chapter 4.8.2.
    /// </summary>
    public static Subscription[] Wanted(Subscription[] subscriptions, IReadOnlyCollection<Subscription> before) =>
        Array.FindAll(subscriptions, subscription => !SharedFilter.IsShared(subscription.Filter) && subscription.RetainHandling switch
        {
            0 => true,
            1 => before.All(known => known.Filter != subscription.Filter),
            _ => false,
        });

    /// <summary>The retained messages that match any of the subscriptions, each once.</summary>
    public static async Task<MessageBatch> ReadRetained(this IGrainFactory grains, Subscription[] subscriptions)
    {
        var filters = Array.ConvertAll(subscriptions, subscription => subscription.Filter);
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

    /// <summary>How these subscriptions hear a retained message; its publisher's own does not where No Local is set.</summary>
    public static RetainedMatch MatchOf(in MessageRecord record, Subscription[] subscriptions, ulong listener)
    {
        QoS? granted = null;
        List<int>? identifiers = null;
        foreach (var subscription in subscriptions)
        {
            if ((subscription.NoLocal && record.Publisher == listener)
                || !TopicMatcher.Matches(Encoding.UTF8.GetBytes(subscription.Filter), record.Topic))
            {
                continue;
            }

            if (granted is null || subscription.QoS > granted)
                granted = subscription.QoS;
            if (subscription.Identifier != 0)
                (identifiers ??= []).Add((int)subscription.Identifier);
        }

        return new RetainedMatch(record.QoS < granted ? record.QoS : granted, identifiers?.ToArray() ?? []);
    }

    private static bool MayBeIn(int slice, string filter) =>
        filter.AsSpan().IndexOfAny('+', '#') >= 0 || RouteSlices.Of(Encoding.UTF8.GetBytes(filter)) == slice;
}

/// <summary>How a retained message is heard.</summary>
/// <param name="QoS">The published one or the highest granted, whichever is lower; null when it is not heard.</param>
/// <param name="Identifiers">Of the subscriptions that call for it (MQTT 5).</param>
public readonly record struct RetainedMatch(QoS? QoS, int[] Identifiers);
