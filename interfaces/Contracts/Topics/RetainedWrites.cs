using Orleans.Mqtt.Ingress;
using Orleans.Mqtt.Messages;
using Orleans.Mqtt.Routing;

namespace Orleans.Mqtt.Topics;

/// <summary>Sorts the retained messages of a batch by the slice that keeps them.</summary>
public static class RetainedWrites
{
    public static Dictionary<int, MessageBatch> Of(PublicationBatch batch)
    {
        var slices = new Dictionary<int, RecordBlock>();
        foreach (var record in batch.Records)
        {
            if (!record.Has(RecordFlags.Retain))
                continue;

            var slice = RouteSlices.Of(record.Topic);
            if (!slices.TryGetValue(slice, out var block))
                slices.Add(slice, block = new RecordBlock());
            block.Add(record);
        }

        return slices.ToDictionary(slice => slice.Key, slice => MessageBatch.From(slice.Value));
    }
}
