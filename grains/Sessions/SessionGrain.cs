using Microsoft.Extensions.Logging;
using Orleans.Concurrency;
using Orleans.Mqtt.Messages;
using Orleans.Mqtt.Protocol;
using Orleans.Mqtt.Sessions;
using Orleans.Placement;
using Orleans.Runtime.Placement;

namespace Orleans.Mqtt.Grains.Sessions;

/// <summary>
/// The one owner of a client id: who is connected, and for a persistent session its queue, subscriptions and receipts.
/// </summary>
/// <remarks>
/// Reentrant, so that writes of many batches are on their way at once: what touches the queue decides before its first
/// await, and the journal keeps the order. What opens, closes or subscribes goes one step after the other. Placed by
/// number: Orleans would rather keep a grain in the silo that asks for it, and a new silo would get few.
/// </remarks>
[Reentrant, ActivationCountBasedPlacement]
internal sealed partial class SessionGrain(SessionCollaborators shared, ILogger<SessionGrain> log)
    : Grain, ISessionHostGrain, ISessionGrain
{
    private readonly Turnstile _steps = new();
    private StoredSession? _stored;
    private LiveConnection? _live;
    private SessionPresence? _presence;
    private long _lastEpoch;

    private string ClientId => this.GetPrimaryKeyString();

    private bool IsPersistent => _stored is { Expiry: > 0 };

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _presence = shared.Census.Enter(ClientId, () => _stored);
        _stored = await shared.Loader.LoadAsync(ClientId, create: false, OnJournalFailed);
        if (_stored is null)
            return;

        _lastEpoch = _stored.Epoch;
        if (_stored.Connection is { } connection)
        {
            // Another activation, or another process, had it. If the connection still lives it gets what is left.
            _live = LiveConnection.From(connection);
            DelayDeactivation(Timeout.InfiniteTimeSpan);
            await OfferAsync();
        }
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        if (_presence is not null)
            shared.Census.Leave(_presence);
        _stored?.Delivery.Disconnect(); // or it would try for ever to read the next page of a queue that is not its own
        return Task.CompletedTask;
    }

    public Task<SessionTicket> Open(SessionRequest request) => _steps.RunAsync(async () =>
    {
        // Asked again because the answer was lost: the connection that it was for must not take over from itself.
        if (_live is { } same && same.Attempt == request.Attempt && request.Attempt != Guid.Empty)
            return TicketOf(same.FoundSession);

        await EndConnectionAsync(ReasonCode.SessionTakenOver, CloseReason.Lost);
        if (_stored is not null && (request.CleanStart || HasExpired()))
            await ForgetAsync();

        var isPresent = IsPersistent;
        _lastEpoch = Math.Max(Clock.Microseconds(shared.Time), _lastEpoch + 1);
        var live = LiveConnection.From(request, _lastEpoch, shared.WindowOf(request), isPresent);
        if (request.SessionExpiry > 0 || request.Will is not null || isPresent || shared.StoresEphemeral)
        {
            await DemandStoredAsync();
            await shared.Leases.BeginAsync(_stored!, ClientId, live, request);
        }

        _live = live;
        DelayDeactivation(Timeout.InfiniteTimeSpan);
        shared.Events.Connected(ClientId, live.Epoch, request, isPresent);
        return TicketOf(isPresent);
    });

    public Task Resume(long epoch)
    {
        Demand(epoch);
        _live!.IsReady = true;
        return _stored is { Shares.IsEmpty: false }
            ? Task.WhenAll(OfferAsync(), _steps.RunAsync(() => ConnectSharesAsync(epoch)))
            : OfferAsync();
    }

    public Task Close(long epoch, CloseReason reason, uint? sessionExpiry) => _steps.RunAsync(async () =>
    {
        if (_live is null || _live.Epoch != epoch)
            return; // a later connection has the session

        if (_stored is not null && sessionExpiry is { } expiry)
            _stored.Expiry = expiry;
        await EndConnectionAsync(closeWith: null, reason);
    });

    public Task GatewayLost(string gatewayId) => _steps.RunAsync(async () =>
    {
        if (_live?.GatewayId == gatewayId)
            await EndConnectionAsync(closeWith: null, CloseReason.Lost);
    });

    public Task<MessageBatch> Subscribe(long epoch, Subscription[] subscriptions) => _steps.RunAsync(async () =>
    {
        Demand(epoch);
        _stored ??= await shared.Leases.KeepAsync(ClientId, _live!, OnJournalFailed);
        _stored.Shares.Connection = _live;
        var retained = await shared.Subscribing.SubscribeAsync(_stored, subscriptions);
        shared.Events.Subscribed(ClientId, epoch, subscriptions);
        return retained;
    });

    public Task<bool[]> Unsubscribe(long epoch, string[] filters) => _steps.RunAsync(async () =>
    {
        Demand(epoch);
        var known = _stored is null ? new bool[filters.Length] : await _stored.Subscriptions.RemoveAsync(filters);
        shared.Events.Unsubscribed(ClientId, epoch, [.. filters.Where((_, index) => known[index])]);
        return known;
    });

    public Task NoteSubscriptions(long epoch, Subscription[] added, string[] removed)
    {
        Demand(epoch);
        shared.Events.Subscribed(ClientId, epoch, added);
        shared.Events.Unsubscribed(ClientId, epoch, removed);
        return Task.CompletedTask;
    }

    // A session that is gone has no queue; the route that still led here is on its way out.
    public Task<ReasonCode[]?> Enqueue(MessageBatch batch)
    {
        _presence!.Use();
        return IsPersistent ? _stored!.Delivery.EnqueueAsync(batch) : Task.FromResult<ReasonCode[]?>(null);
    }

    public Task Move(SiloAddress silo) => _steps.RunAsync(() =>
    {
        // What is not stored lives here only.
        if (_live is null || _stored is not null)
        {
            RequestContext.Set(IPlacementDirector.PlacementHintKey, silo);
            this.MigrateOnIdle();
        }

        return Task.CompletedTask;
    });

    public Task Settle(long epoch, Settlement[] settlements)
    {
        Demand(epoch);
        return _stored!.Delivery.SettleAsync(settlements);
    }

    public Task<ulong[]> Receive(long epoch, ushort[] packetIds)
    {
        Demand(epoch);
        return _stored!.Receipts.ReceiveAsync(epoch, packetIds);
    }

    public Task<bool[]> Release(long epoch, ushort[] packetIds)
    {
        Demand(epoch);
        return _stored!.Receipts.ReleaseAsync(packetIds);
    }

    public Task ExpireIfDue() => _steps.RunAsync(async () =>
    {
        if (_live is not null)
            return;
        if (_stored is null)
            await shared.Leases.UnlistAsync(ClientId);
        else if (!IsPersistent || HasExpired())
            await ForgetAsync();
    });

    private SessionTicket TicketOf(bool isPresent) => new()
    {
        Epoch = _live!.Epoch,
        SessionPresent = isPresent,
        Publisher = _stored?.Publisher ?? SessionLeases.NewPublisher(ClientId),
        IsPersistent = IsPersistent,
        QueuesQoS0 = shared.QueuesQoS0,
        Subscriptions = IsPersistent ? _stored!.Subscriptions.All : [],
        TellsSubscriptions = shared.Events.AreWanted && !IsPersistent,
    };

    private void Demand(long epoch)
    {
        _presence!.Use();
        if (_live is null || _live.Epoch != epoch)
            throw new StaleEpochException($"Epoch {epoch} of client '{ClientId}' is over.");
    }

    private async Task OfferAsync()
    {
        if (_live is not { IsReady: true } live || !IsPersistent)
            return;

        // Without a lease the gateway is gone; that its session is lost is on its way.
        var port = await shared.Gateways.ReachAsync(live.GatewayId);
        if (port is not null && _live == live)
            _stored!.Delivery.Connect(live.Window, batch => port.Offer(ClientId, live.Epoch, batch));
    }

    private async Task ConnectSharesAsync(long epoch)
    {
        Demand(epoch);
        var change = new SessionChanges();
        await _stored!.Shares.ConnectAsync(_live, change);
        await _stored.Journal.CommitAsync(change);
    }

    /// <summary>Ends the connection if there is one; the will is published unless the client said goodbye.</summary>
    private async Task EndConnectionAsync(ReasonCode? closeWith, CloseReason reason)
    {
        if (_live is not { } live)
            return;

        // A gateway without a lease has closed its connections itself.
        if (closeWith is { } code && await shared.Gateways.ReachAsync(live.GatewayId) is { } port)
            await port.Disconnect(ClientId, live.Epoch, code);

        _stored?.Delivery.Disconnect();
        if (_stored is not null)
        {
            if (reason is CloseReason.Lost)
                await shared.Leases.PublishWillAsync(_stored, ClientId);
            if (IsPersistent)
                await shared.Leases.EndAsync(_stored, ClientId, live);
            else
                await ForgetAsync();
        }

        _live = null;
        shared.Events.Disconnected(ClientId, live, closeWith, reason);
        DelayDeactivation(TimeSpan.Zero);

        // A take-over goes on: the connection that comes is known to this activation only.
        if (_stored is null && closeWith is not ReasonCode.SessionTakenOver)
            DeactivateOnIdle();
    }

    private bool HasExpired() => _stored!.EndsAt is { } end && Clock.Milliseconds(shared.Time) >= end;

    private async Task DemandStoredAsync()
    {
        _stored ??= await shared.Loader.LoadAsync(ClientId, create: true, OnJournalFailed);
    }

    private async Task ForgetAsync()
    {
        await shared.Leases.ForgetAsync(_stored!, ClientId);
        _stored = null;
    }

    private void OnJournalFailed(Exception failure)
    {
        log.JournalFailed(ClientId, failure);
        DeactivateOnIdle();
    }
}
