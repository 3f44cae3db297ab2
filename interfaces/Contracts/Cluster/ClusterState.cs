using Orleans.Mqtt.Delivery;

namespace Orleans.Mqtt.Cluster;

/// <summary>A gateway as the cluster knows it.</summary>
[GenerateSerializer, Immutable, Alias("mqtt.gateway-state")]
public sealed record GatewayState
{
    [Id(0)]
    public required string GatewayId { get; init; }

    /// <summary>When its lease ends unless it is renewed.</summary>
    [Id(1)]
    public DateTimeOffset LeaseEnds { get; init; }

    /// <summary>What it says of itself; null when it did not answer in time.</summary>
    [Id(2)]
    public GatewayReport? Report { get; init; }
}

/// <summary>A silo as the cluster knows it.</summary>
[GenerateSerializer, Immutable, Alias("mqtt.silo-state")]
public sealed record SiloState
{
    [Id(0)]
    public required string Address { get; init; }

    [Id(1)]
    public required string Name { get; init; }

    /// <summary>Active, Joining, ShuttingDown, Dead and so on.</summary>
    [Id(2)]
    public required string Status { get; init; }

    /// <summary>What it says of itself; null when it is not active or did not answer in time.</summary>
    [Id(3)]
    public SiloReport? Report { get; init; }
}

/// <summary>What a silo says of itself. Counts of messages begin at its start.</summary>
[GenerateSerializer, Immutable, Alias("mqtt.silo-report")]
public sealed record SiloReport
{
    [Id(0)]
    public DateTimeOffset Since { get; init; }

    /// <summary>Filters that lead anywhere; every silo has all of them.</summary>
    [Id(1)]
    public int Filters { get; init; }

    /// <summary>Sessions that are in its memory.</summary>
    [Id(2)]
    public int ActiveSessions { get; init; }

    /// <summary>Messages in the queues of these.</summary>
    [Id(3)]
    public long QueuedMessages { get; init; }

    /// <summary>Retained messages of the slices that it has.</summary>
    [Id(4)]
    public int RetainedMessages { get; init; }

    [Id(5)]
    public long MessagesRouted { get; init; }

    /// <summary>Messages that a full queue has rejected or dropped.</summary>
    [Id(6)]
    public long MessagesRejected { get; init; }

    /// <summary>QoS 0 messages that were dropped because a gateway took them too slowly.</summary>
    [Id(7)]
    public long MessagesDropped { get; init; }

    /// <summary>Bytes on their way to the store.</summary>
    [Id(8)]
    public long StorePendingBytes { get; init; }

    [Id(9)]
    public bool IsStoreUp { get; init; }

    /// <summary>Memory of the process, in bytes.</summary>
    [Id(10)]
    public long MemoryBytes { get; init; }
}

/// <summary>The cluster in numbers: sums over everything that answered. Counts of messages begin at each process's start.</summary>
[GenerateSerializer, Immutable, Alias("mqtt.broker-statistics")]
public sealed record BrokerStatistics
{
    [Id(0)]
    public int Silos { get; init; }

    [Id(1)]
    public int Gateways { get; init; }

    /// <summary>Clients that are connected.</summary>
    [Id(2)]
    public long ConnectedClients { get; init; }

    /// <summary>Persistent sessions, connected or not.</summary>
    [Id(3)]
    public long PersistentSessions { get; init; }

    /// <summary>Subscriptions of the clients that are connected.</summary>
    [Id(4)]
    public long LiveSubscriptions { get; init; }

    /// <summary>Filters that lead anywhere.</summary>
    [Id(5)]
    public long Filters { get; init; }

    [Id(6)]
    public long RetainedMessages { get; init; }

    /// <summary>Messages in the queues of the sessions that are in memory.</summary>
    [Id(7)]
    public long QueuedMessages { get; init; }

    /// <summary>PUBLISH packets from clients.</summary>
    [Id(8)]
    public long MessagesReceived { get; init; }

    [Id(9)]
    public long MessagesRouted { get; init; }

    /// <summary>QoS 0 messages that were dropped for slow clients or gateways.</summary>
    [Id(10)]
    public long MessagesDropped { get; init; }

    /// <summary>Messages that full queues have rejected or dropped.</summary>
    [Id(11)]
    public long MessagesRejected { get; init; }

    /// <summary>Silos and gateways that did not answer in time, and are missing in the sums.</summary>
    [Id(12)]
    public string[] Unreachable { get; init; } = [];

    /// <summary>Persistent sessions whose client is away.</summary>
    [Id(13)]
    public long DisconnectedSessions { get; init; }

    /// <summary>PUBLISH packets to clients.</summary>
    [Id(14)]
    public long MessagesSent { get; init; }

    /// <summary>Packets of all types from clients.</summary>
    [Id(15)]
    public long PacketsReceived { get; init; }

    [Id(16)]
    public long PacketsSent { get; init; }

    /// <summary>Bytes of these packets.</summary>
    [Id(17)]
    public long BytesReceived { get; init; }

    [Id(18)]
    public long BytesSent { get; init; }
}
