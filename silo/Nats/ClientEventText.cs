using System.Buffers;
using System.Text.Json;
using Orleans.Mqtt.Mirroring;
using Orleans.Mqtt.Protocol;
using Orleans.Mqtt.Sessions;

namespace Orleans.Mqtt.Silo.Nats;

/// <summary>What has become of a client, as JSON.</summary>
internal static class ClientEventText
{
    /// <summary>The last token of the subject.</summary>
    public static ReadOnlySpan<byte> NameOf(ClientEventKind kind) => kind switch
    {
        ClientEventKind.Connected => "connected"u8,
        ClientEventKind.Disconnected => "disconnected"u8,
        ClientEventKind.Subscribed => "subscribed"u8,
        ClientEventKind.Unsubscribed => "unsubscribed"u8,
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };

    public static ReadOnlyMemory<byte> Of(ClientEvent happened, DateTimeOffset at)
    {
        var text = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(text);
        json.WriteStartObject();
        json.WriteString("event", NameOf(happened.Kind));
        json.WriteString("clientId", happened.ClientId);
        json.WriteString("time", at);
        json.WriteNumber("epoch", happened.Epoch);
        WriteIfKnown(json, "userName", happened.UserName);
        WriteIfKnown(json, "address", happened.RemoteAddress);
        WriteIfKnown(json, "gateway", happened.GatewayId);
        WriteIfKnown(json, "reason", happened.Reason);
        switch (happened.Kind)
        {
            case ClientEventKind.Connected:
                json.WriteString("version", VersionOf(happened.Version));
                json.WriteBoolean("cleanStart", happened.CleanStart);
                json.WriteNumber("sessionExpiry", happened.SessionExpiry);
                json.WriteBoolean("sessionPresent", happened.SessionPresent);
                break;
            case ClientEventKind.Subscribed:
                Write(json, happened.Subscriptions);
                break;
            case ClientEventKind.Unsubscribed:
                json.WriteStartArray("filters");
                foreach (var filter in happened.Filters)
                    json.WriteStringValue(filter);
                json.WriteEndArray();
                break;
        }

        json.WriteEndObject();
        json.Flush();
        return text.WrittenMemory;
    }

    private static void Write(Utf8JsonWriter json, IReadOnlyList<Subscription> subscriptions)
    {
        json.WriteStartArray("subscriptions");
        foreach (var subscription in subscriptions)
        {
            json.WriteStartObject();
            json.WriteString("filter", subscription.Filter);
            json.WriteNumber("qos", (int)subscription.QoS);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteIfKnown(Utf8JsonWriter json, string name, string? value)
    {
        if (value is not null)
            json.WriteString(name, value);
    }

    private static string VersionOf(ProtocolVersion version) => version switch
    {
        ProtocolVersion.V31 => "3.1",
        ProtocolVersion.V311 => "3.1.1",
        ProtocolVersion.V5 => "5",
        _ => "unknown",
    };
}
