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
    private bool _isLeaving;

    private string ClientId => this.GetPrimaryKeyString();

    private bool HasQueue => _stored is { HasQueue: true };

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        WakeUp();
        try
        {
            await TakeUpAsync();
        }
        catch (Exception)
        {
            GoToSleep(); // nobody else does: an activation that did not come up is not taken down
            throw;
        }
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        GoToSleep();
        _stored?.Delivery.Disconnect(); // or it would try for ever to read the next page of a queue that is not its own
        return Task.CompletedTask;
    }

    public Task<SessionTicket> Open(SessionRequest request) => StepAsync(async () =>
    {
        // Asked again because the answer was lost: the connection that it was for must not take over from itself.
        if (_live is { } same && same.Attempt == request.Attempt && request.Attempt != Guid.Empty)
            return TicketOf(same.FoundSession);

        DemandRise(request.Epoch);
        await EndConnectionAsync(new Ending(CloseReason.Lost)
        {
            CloseWith = ReasonCode.SessionTakenOver,
            GoesOn = !request.CleanStart,
        });
        await DoWhatIsDueAsync(); // a will whose time has come is not saved by a client that comes a moment later
        if (_stored is not null && request.CleanStart)
            await ForgetAsync();

        var isPresent = HasQueue;
        var expiry = shared.Leases.ExpiryOf(request);
        var epoch = request.Epoch > 0 ? request.Epoch : Math.Max(Clock.Microseconds(shared.Time), _lastEpoch + 1);
        var live = LiveConnection.From(request, epoch, shared.WindowOf(request), isPresent);
        if (expiry > 0 || isPresent || request.Will is not null || shared.StoresEphemeral)
            await BeginAsync(live, expiry, request.Will);

        _live = live;
        _lastEpoch = epoch;
        DelayDeactivation(Timeout.InfiniteTimeSpan);
        shared.Events.Connected(ClientId, live.Epoch, request, isPresent);
        return TicketOf(isPresent);
    });

    public Task Resume(long epoch)
    {
        Demand(epoch);
        _live!.IsReady = true;
        return _stored is { Shares.IsEmpty: false }
            ? Task.WhenAll(OfferAsync(), StepAsync(() => ConnectSharesAsync(epoch)))
            : OfferAsync();
    }

    public Task Close(long epoch, CloseReason reason, uint? sessionExpiry) => StepAsync(async () =>
    {
        if (_live is { } live && live.Epoch == epoch)
            await EndConnectionAsync(new Ending(reason) { SessionExpiry = sessionExpiry });
        else if (epoch > _lastEpoch)
            await GiveUpAsync(epoch); // its call to open may still come
    });

    public Task GatewayLost(string gatewayId, long since) => StepAsync(async () =>
    {
        if (_live?.GatewayId == gatewayId)
            await EndConnectionAsync(new Ending(CloseReason.Lost) { Since = since });
    });

    public Task DoWhatIsDue() => StepAsync(async () =>
    {
        if (_stored is null)
            await shared.Leases.UnlistAsync(ClientId);
        await DoWhatIsDueAsync();
        await shared.Timers.SettleAsync(ClientId, _stored);
    });

    public Task<MessageBatch> Subscribe(long epoch, long request, Subscription[] subscriptions) => StepAsync(async () =>
    {
        Demand(epoch);
        await DemandStoredAsync();
        await _stored!.Subscriptions.BeginAsync(request);
        _stored.Shares.Connection = _live;
        var retained = await shared.Subscribing.SubscribeAsync(_stored, subscriptions);
        shared.Events.Subscribed(ClientId, epoch, subscriptions);
        return retained;
    });

    public Task<ReasonCode[]> Claim(long epoch, string[] filters) => StepAsync(() =>
    {
        Demand(epoch);
        return ClaimAsync(filters);
    });

    public Task<bool[]> Unsubscribe(long epoch, long request, string[] filters) => StepAsync(async () =>
    {
        Demand(epoch);
        if (_stored is null)
            return new bool[filters.Length];

        await _stored.Subscriptions.BeginAsync(request);
        var known = await _stored.Subscriptions.RemoveAsync(filters);
        await _stored.Exclusives.ReleaseAsync(filters);
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
        return HasQueue ? _stored!.Delivery.EnqueueAsync(batch) : Task.FromResult<ReasonCode[]?>(null);
    }

    public Task Move(SiloAddress silo) => StepAsync(() =>
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

    public Task<ulong[]> Receive(long epoch, ushort[] packetIds, ulong[] sequences)
    {
        Demand(epoch);
        return _stored!.Receipts.ReceiveAsync(packetIds, sequences);
    }

    public Task<bool[]> Release(long epoch, ushort[] packetIds, ulong upTo)
    {
        Demand(epoch);
        return _stored!.Receipts.ReleaseAsync(packetIds, upTo);
    }

    private Task<bool> StepAsync(Func<Task> step) => StepAsync(async () =>
    {
        await step();
        return true;
    });

    private Task<T> StepAsync<T>(Func<Task<T>> step) => _steps.RunAsync(async () =>
    {
        // It waited here while the activation was given up. The next activation begins with what is stored.
        if (_isLeaving)
            throw new InvalidOperationException($"The session of '{ClientId}' is being taken up anew; ask again.");

        try
        {
            return await step();
        }
        finally
        {
            // Not while someone waits: what a new connection brings would be lost with the activation.
            if (_live is null && _stored is null && !_steps.HasWaiting)
                Leave();
        }
    });

    private SessionTicket TicketOf(bool isPresent) => new()
    {
        Epoch = _live!.Epoch,
        SessionPresent = isPresent,
        Publisher = _stored?.Publisher ?? SessionLeases.NewPublisher(ClientId),
        IsPersistent = HasQueue,
        QueuesQoS0 = shared.QueuesQoS0,
        Subscriptions = HasQueue ? _stored!.Subscriptions.All : [],
        TellsSubscriptions = shared.Events.AreWanted && !HasQueue,
    };

    private void Demand(long epoch)
    {
        _presence!.Use();
        if (_live is null || _live.Epoch != epoch)
            throw new StaleEpochException($"Epoch {epoch} of client '{ClientId}' is over.");
    }

    private void OnJournalFailed(Exception failure)
    {
        log.JournalFailed(ClientId, failure);
        Leave();
    }

    private void Leave()
    {
        _isLeaving = true;
        DeactivateOnIdle();
    }
}
