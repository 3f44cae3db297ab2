using System.Text;
using Orleans.Mqtt.Cluster;
using Orleans.Mqtt.Messages;
using Orleans.Mqtt.Protocol.Topics;
using Orleans.Mqtt.Routing;
using Orleans.Mqtt.Topics;

namespace Orleans.Mqtt.Grains.Cluster;

/// <summary>Lists, reads and forgets retained messages, whichever slices they are in.</summary>
internal sealed class RetainedListing(IGrainFactory grains, TimeProvider time)
{
    public async Task<RetainedPage> ListAsync(RetainedQuery query)
    {
        if (!TopicFilter.IsValid(query.Filter))
            return new RetainedPage { Messages = [] };

        var limit = Paging.Clamp(query.Limit);
        var found = await Task.WhenAll(SlicesOf(query.Filter).Select(slice => Slice(slice).List(query)));
        var first = found.SelectMany(messages => messages)
            .OrderBy(message => message.Topic, CodePointOrder.Instance)
            .Take(limit)
            .ToArray();
        return new RetainedPage { Messages = first, Next = first.Length < limit ? null : first[^1].Topic };
    }

    public async Task<Message?> ReadAsync(string topic)
    {
        if (!TopicName.IsValid(topic))
            return null;

        var found = await SliceOf(topic).Read([topic]);
        foreach (var record in found)
            return Message.From(record, time.GetUtcNow());
        return null;
    }

    public async Task<bool> ForgetAsync(string topic)
    {
        if (await ReadAsync(topic) is null)
            return false;

        var nothing = new RecordBlock();
        new Message { Topic = topic, Retain = true }.WriteTo(nothing, time.GetUtcNow());
        await SliceOf(topic).Keep(MessageBatch.From(nothing));
        nothing.Release();
        return true;
    }

    private static IEnumerable<int> SlicesOf(string filter) =>
        filter.AsSpan().IndexOfAny('+', '#') >= 0
            ? Enumerable.Range(0, RouteSlices.Count)
            : [RouteSlices.Of(Encoding.UTF8.GetBytes(filter))];

    private IRetainedGrain SliceOf(string topic) => Slice(RouteSlices.Of(Encoding.UTF8.GetBytes(topic)));

    private IRetainedGrain Slice(int slice) => grains.GetGrain<IRetainedGrain>(slice);
}
