using Orleans.Mqtt.Sessions;

namespace Orleans.Mqtt.Grains.Sessions;

/// <summary>The connection that owns the client id now.</summary>
internal sealed class LiveConnection
{
    public required string GatewayId { get; init; }

    public required long Epoch { get; init; }

    /// <summary>Messages of QoS 1 and 2 that may be unacknowledged.</summary>
    public required int Window { get; init; }

    public string? UserName { get; init; }

    /// <summary>It has the session's stored queue, and not what a gateway remembers of it.</summary>
    public required bool HasQueue { get; init; }

    /// <summary>The client has its CONNACK.</summary>
    public bool IsReady { get; set; }

    public static LiveConnection From(SessionRequest request, long epoch, int window, bool hasQueue) => new()
    {
        GatewayId = request.GatewayId,
        Epoch = epoch,
        Window = window,
        UserName = request.UserName,
        HasQueue = hasQueue,
    };

    public static LiveConnection From(StoredConnection stored) => new()
    {
        GatewayId = stored.GatewayId,
        Epoch = stored.Epoch,
        Window = stored.Window,
        UserName = stored.UserName,
        HasQueue = stored.HasQueue,
        IsReady = true,
    };

    public StoredConnection ToStored() => new(GatewayId, Epoch, Window, UserName) { HasQueue = HasQueue };
}
