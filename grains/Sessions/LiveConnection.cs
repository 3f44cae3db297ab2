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

    /// <summary>See <see cref="SessionRequest.Attempt"/>.</summary>
    public Guid Attempt { get; init; }

    /// <summary>What its ticket said of the session: that it was there before.</summary>
    public bool FoundSession { get; init; }

    /// <summary>The client has its CONNACK.</summary>
    public bool IsReady { get; set; }

    public static LiveConnection From(SessionRequest request, long epoch, int window, bool foundSession) => new()
    {
        GatewayId = request.GatewayId,
        Epoch = epoch,
        Window = window,
        UserName = request.UserName,
        Attempt = request.Attempt,
        FoundSession = foundSession,
    };

    public static LiveConnection From(StoredConnection stored) => new()
    {
        GatewayId = stored.GatewayId,
        Epoch = stored.Epoch,
        Window = stored.Window,
        UserName = stored.UserName,
        Attempt = stored.Attempt,
        FoundSession = stored.FoundSession,
        IsReady = true,
    };

    public StoredConnection ToStored() => new(GatewayId, Epoch, Window, UserName, Attempt, FoundSession);
}
