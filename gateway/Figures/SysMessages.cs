using System.Globalization;
using System.Reflection;
using Orleans.Mqtt.Cluster;
using Orleans.Mqtt.Messages;

namespace Orleans.Mqtt.Gateway.Figures;

/// <summary>The figures of the cluster under the names that Mosquitto gave them, which monitoring tools look for.</summary>
internal static class SysMessages
{
    private const string Root = "$SYS/broker/";

    private static readonly string _version = "Orleans.Mqtt "
        + typeof(SysMessages).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion;

    public static MessageBatch Of(BrokerStatistics cluster, TimeSpan uptime, DateTimeOffset now)
    {
        var block = new RecordBlock();
        Add("version", _version);
        Add("uptime", string.Create(CultureInfo.InvariantCulture, $"{(long)uptime.TotalSeconds} seconds"));
        foreach (var (name, value) in FiguresOf(cluster))
            Add(name, value.ToString(CultureInfo.InvariantCulture));
        return MessageBatch.From(block);

        // Retained by nobody, yet given like retained messages: to who subscribes later, and flagged as such where asked for.
        void Add(string name, string text) => (Message.Of(Root + name, text) with { Retain = true }).WriteTo(block, now);
    }

    private static (string Name, long Value)[] FiguresOf(BrokerStatistics cluster) =>
    [
        ("clients/connected", cluster.ConnectedClients),
        ("clients/disconnected", cluster.DisconnectedSessions),
        ("clients/total", cluster.ConnectedClients + cluster.DisconnectedSessions),
        ("subscriptions/count", cluster.LiveSubscriptions),
        ("retained messages/count", cluster.RetainedMessages),
        ("messages/received", cluster.PacketsReceived),
        ("messages/sent", cluster.PacketsSent),
        ("publish/messages/received", cluster.MessagesReceived),
        ("publish/messages/sent", cluster.MessagesSent),
        ("publish/messages/dropped", cluster.MessagesDropped + cluster.MessagesRejected),
        ("bytes/received", cluster.BytesReceived),
        ("bytes/sent", cluster.BytesSent),
    ];
}
