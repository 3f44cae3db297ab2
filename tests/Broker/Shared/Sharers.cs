using System.Globalization;
using Orleans.Mqtt.Tests.Support;

namespace Orleans.Mqtt.Tests.Broker.Shared;

/// <summary>Members of one shared subscription, and what they hear.</summary>
internal static class Sharers
{
    /// <summary>Publishes "0", "1" and so on, one after the other.</summary>
    public static async Task PublishCountAsync(this RawClient publisher, string topic, int count, int qos, int from = 0)
    {
        for (var i = from; i < from + count; i++)
            await publisher.PublishAsync(topic, i.ToString(CultureInfo.InvariantCulture), qos);
    }

    /// <summary>The next messages, answered; their numbers as they came.</summary>
    public static async Task<List<int>> HearCountAsync(this RawClient member, int count)
    {
        var heard = new List<int>();
        for (var i = 0; i < count; i++)
            heard.Add(int.Parse((await member.HearAsync()).Text, CultureInfo.InvariantCulture));
        return heard;
    }
}
