using Orleans.Mqtt.Grains.Routing;
using Orleans.Mqtt.Ingress;

namespace Orleans.Mqtt.Grains.Ingress;

/// <summary>
/// The segments of an envelope that are only announced. What its own gateway alone is to have need not come here: the gateway
/// is told to deliver it. Anything else is asked for.
/// </summary>
internal sealed class Announcements(Router router, PublicationEnvelope envelope, HeldRecords held)
{
    private readonly HashSet<string> _clients = [];
    private readonly List<int> _wanted = [];

    /// <summary>What is asked for.</summary>
    public int[]? Wanted => _wanted.Count == 0 ? null : [.. _wanted];

    /// <summary>False for a segment that is to be routed; else it is dealt with.</summary>
    /// <param name="segment">Its number.</param>
    /// <param name="at">Where it begins in the envelope.</param>
    public bool Take(int segment, int at)
    {
        var bytes = envelope.Announced![segment];
        var client = envelope.ClientIds[segment];
        if (_clients.Contains(client))
        {
            _wanted.Add(segment); // what the client said before has not come yet, and is not to be overtaken
        }
        else if (bytes == 0)
        {
            return false;
        }
        else if (router.LeadsOnlyTo(held.GatewayId, envelope.Records.Bytes.Span.Slice(at, envelope.Lengths[segment]), client))
        {
            held.WithAnswer!.AddRange([at + held.Announced, bytes]);
            router.Count(envelope.Counts[segment]);
        }
        else
        {
            _wanted.Add(segment);
            _clients.Add(client);
        }

        if (bytes > 0)
            held.Announced += bytes - envelope.Lengths[segment];
        return true;
    }
}
