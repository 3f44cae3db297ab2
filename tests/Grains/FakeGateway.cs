using System.Collections.Concurrent;
using System.Text;
using Orleans.Mqtt.Delivery;
using Orleans.Mqtt.Messages;
using Orleans.Mqtt.Protocol;
using Orleans.Mqtt.Sessions;
using Orleans.Mqtt.Sharing;

namespace Orleans.Mqtt.Tests.Grains;

/// <summary>A gateway without sockets, that lives as long as the test says.</summary>
internal sealed partial class FakeGateway : IGatewayObserver, IAsyncDisposable
{
    /// <summary>As a gateway has it that is not told otherwise.</summary>
    public static readonly TimeSpan ShortLease = TimeSpan.FromSeconds(3);

    // Of those that are not to die: a machine that stands still for a while must not end it.
    private static readonly TimeSpan _longLease = TimeSpan.FromSeconds(30);

    private readonly SiloCluster _cluster;
    private readonly TimeSpan _lease;
    private readonly CancellationTokenSource _silent = new();
    private readonly ConcurrentQueue<string> _heard = new();
    private readonly ConcurrentQueue<string> _offered = new();
    private readonly ConcurrentQueue<(string ClientId, long Epoch)> _closed = new();
    private Task _renewing = Task.CompletedTask;

    private FakeGateway(SiloCluster cluster, TimeSpan lease) => (_cluster, _lease) = (cluster, lease);

    public string Id { get; } = $"gateway-{Guid.NewGuid():N}";

    /// <summary>Payloads of live messages.</summary>
    public IReadOnlyCollection<string> Heard => _heard;

    /// <summary>Payloads of what came from stored queues, each as often as it came.</summary>
    public IReadOnlyCollection<string> Offered => _offered;

    /// <summary>Of what came last from a stored queue.</summary>
    public long Position { get; private set; }

    /// <summary>The connections that it was told to close.</summary>
    public IReadOnlyCollection<(string ClientId, long Epoch)> Closed => _closed;

    public static async Task<FakeGateway> BeginAsync(SiloCluster cluster, TimeSpan? lease = null)
    {
        var gateway = new FakeGateway(cluster, lease ?? _longLease);
        var reference = cluster.Client.CreateObjectReference<IGatewayObserver>(gateway);
        await gateway.AnyLease().Begin(gateway.Id, gateway._lease, reference);
        gateway._renewing = gateway.RenewUntilSilentAsync();
        return gateway;
    }

    public Task<LeaseAnswer> RenewAsync() => AnyLease().Renew(Id, _lease);

    /// <summary>As a gateway does it: whoever does not answer in time is passed by.</summary>
    public async Task<LeaseAnswer> RenewUntilAnsweredAsync()
    {
        while (true)
        {
            try
            {
                return await RenewAsync();
            }
            catch (Exception failure) when (failure is TimeoutException or OrleansException)
            {
                // the next one is asked
            }
        }
    }

    /// <summary>It dies.</summary>
    public async Task FallSilentAsync()
    {
        await _silent.CancelAsync();
        await _renewing;
    }

    public async ValueTask DisposeAsync()
    {
        await FallSilentAsync();
        _silent.Dispose();
    }

    public Task<SessionTicket> OpenAsync(string clientId, bool clean = false, Will? will = null, Guid attempt = default) =>
        OpenAsync(clientId, RequestOf(clean, will, attempt));

    public Task<SessionTicket> OpenAsync(string clientId, SessionRequest request) =>
        _cluster.Grain<ISessionHostGrain>(clientId).Open(request);

    public SessionRequest RequestOf(bool clean = false, Will? will = null, Guid attempt = default) => new()
    {
        GatewayId = Id,
        CleanStart = clean,
        SessionExpiry = clean ? 0 : uint.MaxValue,
        ReceiveMaximum = 100,
        Will = will,
        Attempt = attempt == default ? Guid.NewGuid() : attempt,
        Epoch = (TimeProvider.System.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond,
    };

    public Task Deliver(Guid outlet, long sequence, MessageBatch batch)
    {
        foreach (var record in batch)
            _heard.Enqueue(Encoding.UTF8.GetString(record.Payload));
        return Task.CompletedTask;
    }

    public Task<bool> Offer(string clientId, long epoch, MessageBatch batch)
    {
        foreach (var record in batch)
        {
            Position = record.Position;
            _offered.Enqueue(Encoding.UTF8.GetString(record.Payload));
        }

        return Task.FromResult(true);
    }

    public Task<ShareAnswer> OfferShared(string clientId, long epoch, ShareOffer offer) => Task.FromResult(ShareAnswer.NotConnected);

    public Task Disconnect(string clientId, long epoch, ReasonCode reason)
    {
        _closed.Enqueue((clientId, epoch));
        return Task.CompletedTask;
    }

    private IGatewayLeaseGrain AnyLease() => _cluster.Grain<IGatewayLeaseGrain>(Random.Shared.NextInt64());

    private async Task RenewUntilSilentAsync()
    {
        using var ticks = new PeriodicTimer(ShortLease / 4);
        try
        {
            while (await ticks.WaitForNextTickAsync(_silent.Token))
            {
                try
                {
                    await RenewAsync();
                }
                catch (Exception failure) when (failure is TimeoutException or OrleansException)
                {
                    // the silo that was asked has gone; the next one is asked in a moment
                }
            }
        }
        catch (OperationCanceledException)
        {
            // silent from now on
        }
    }
}
