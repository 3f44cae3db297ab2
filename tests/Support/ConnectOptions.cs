namespace Orleans.Mqtt.Tests.Support;

/// <summary>Last words that a client leaves with its CONNECT.</summary>
public sealed record Will(string Topic, byte[] Payload, int QoS = 0, bool Retain = false)
{
    /// <summary>Of MQTT 5.</summary>
    public Props Properties { get; init; } = new();

    public Will(string topic, string payload, int qos = 0, bool retain = false)
        : this(topic, System.Text.Encoding.UTF8.GetBytes(payload), qos, retain)
    {
    }
}

/// <summary>What a CONNECT says; every field can be set to something the standard forbids.</summary>
public sealed record ConnectOptions
{
    public string ProtocolName { get; init; } = "MQTT";

    public int Level { get; init; } = 4;

    public string ClientId { get; init; } = Unique.ClientId();

    public bool CleanSession { get; init; } = true;

    /// <summary>In seconds; 0 switches it off.</summary>
    public int KeepAlive { get; init; }

    public Will? Will { get; init; }

    public string? UserName { get; init; }

    public byte[]? Password { get; init; }

    /// <summary>Of MQTT 5.</summary>
    public Props Properties { get; init; } = new();

    /// <summary>Replaces the flags that the other fields call for.</summary>
    public int? Flags { get; init; }

    /// <summary>The same client as MQTT 3.1 spells it.</summary>
    public static ConnectOptions Version31 => new() { ProtocolName = "MQIsdp", Level = 3 };

    /// <summary>The same client as MQTT 5 spells it.</summary>
    public static ConnectOptions Version5 => new() { Level = 5 };

    internal bool HasProperties => Level == 5 && ProtocolName == "MQTT";

    internal int FlagsOnTheWire => Flags ??
        (UserName is null ? 0 : 0x80) | (Password is null ? 0 : 0x40) | (CleanSession ? 0x02 : 0) |
        (Will is null ? 0 : 0x04 | (Will.QoS << 3) | (Will.Retain ? 0x20 : 0));
}
