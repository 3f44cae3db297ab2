using Microsoft.Extensions.Logging;
using Orleans.Concurrency;
using Orleans.Mqtt.Messages;
using Orleans.Mqtt.Protocol;
using Orleans.Mqtt.Sessions;

namespace Orleans.Mqtt.Grains.Sessions;

/// <summary>
/// The one owner of a client id: who is connected, and for a persistent session its queue, subscriptions and receipts.
/// </summary>
/// <remarks>
/// Reentrant, so that writes of many batches are on their way at once: what touches the queue decides before its first
/// await, and the journal keeps the order. What opens, closes or subscribes goes one step after the other.
/// </remarks>
[Reentrant]
internal sealed class SessionGrain(SessionCollaborators shared, ILogger<SessionGrain> log)
    : Grain, ISessionHostGrain, ISessionGrain
{
    private readonly Turnstile _steps = new();
    private StoredSession? _stored;
    private LiveConnection? _live;
    private long _lastEpoch;
    private bool _isLeaving;

    private string ClientId => this.GetPrimaryKeyString();

    private bool HasQueue => _stored is { HasQueue: true };

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
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
        _stored?.Delivery.Disconnect(); // or it would try for ever to read the next page of a queue that is not its own
        return Task.CompletedTask;
    }

    public Task<SessionTicket> Open(SessionRequest request) => StepAsync(async () =>
    {
        // Asked again because the answer was lost: the connection that it was for must not take over from itself.
        if (_live is { } same && same.Attempt == request.Attempt && request.Attempt != Guid.Empty)
            return TicketOf(same.FoundSession);

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
        _lastEpoch = Math.Max(Clock.Microseconds(shared.Time), _lastEpoch + 1);
        var live = LiveConnection.From(request, _lastEpoch, shared.WindowOf(request), isPresent);
        if (expiry > 0 || isPresent || request.Will is not null || shared.StoresEphemeral)
            await BeginAsync(live, expiry, request.Will);

        _live = live;
        DelayDeactivation(Timeout.InfiniteTimeSpan);
        return TicketOf(isPresent);
    });

    public Task Resume(long epoch)
    {
        Demand(epoch);
        _live!.IsReady = true;
        return OfferAsync();
    }

    public Task Close(long epoch, CloseReason reason, uint? sessionExpiry) => StepAsync(async () =>
    {
        // Else a later connection has the session.
        if (_live is { } live && live.Epoch == epoch)
            await EndConnectionAsync(new Ending(reason) { SessionExpiry = sessionExpiry });
    });

    public Task GatewayLost(string gatewayId, long since) => StepAsync(async () =>
    {
        if (_live?.GatewayId == gatewayId)
            await EndConnectionAsync(new Ending(CloseReason.Lost) { Since = since });
    });

    public Task DoWhatIsDue() => StepAsync(async () =>
    {
        await DoWhatIsDueAsync();
        await shared.Timers.SettleAsync(ClientId, _stored);
    });

    public Task<MessageBatch> Subscribe(long epoch, Subscription[] subscriptions) => StepAsync(async () =>
    {
        Demand(epoch);
        return await shared.Subscribing.SubscribeAsync(_stored!, subscriptions);
    });

    public Task<ReasonCode[]> Claim(long epoch, string[] filters) => StepAsync(async () =>
    {
        Demand(epoch);
        if (!shared.AllowsExclusive)
            return Array.ConvertAll(filters, _ => ReasonCode.TopicFilterInvalid);

        // Also what ends with its connection must be known to whoever clears up when all of us are killed.
        if (_stored is null)
            await BeginAsync(_live!, expiry: 0, will: null);
        var answers = new ReasonCode[filters.Length];
        for (var i = 0; i < filters.Length; i++)
            answers[i] = await _stored!.Exclusives.ClaimAsync(filters[i]);
        return answers;
    });

    public Task<bool[]> Unsubscribe(long epoch, string[] filters) => StepAsync(async () =>
    {
        Demand(epoch);
        if (_stored is null)
            return new bool[filters.Length];

        var known = await _stored.Subscriptions.RemoveAsync(filters);
        await _stored.Exclusives.ReleaseAsync(filters);
        return known;
    });

    // A session that is gone has no queue; the route that still led here is on its way out.
    public Task<ReasonCode[]?> Enqueue(MessageBatch batch) =>
        HasQueue ? _stored!.Delivery.EnqueueAsync(batch) : Task.FromResult<ReasonCode[]?>(null);

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

    public Task<SessionInfo?> Info() => Task.FromResult(_stored is null && _live is null
        ? null
        : new SessionInfo
        {
            ClientId = ClientId,
            IsConnected = _live is not null,
            IsPersistent = HasQueue,
            GatewayId = _live?.GatewayId,
            Queued = _stored?.Delivery.Queue.Count ?? 0,
            Subscriptions = _stored?.Subscriptions.All ?? [],
        });

    public Task<bool> Disconnect() => StepAsync(async () =>
    {
        var wasConnected = _live is not null;
        await EndConnectionAsync(new Ending(CloseReason.Lost) { CloseWith = ReasonCode.AdministrativeAction });
        return wasConnected;
    });

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
        Publisher = _stored?.Publisher ?? SessionLeases.NewPublisher(),
        IsPersistent = HasQueue,
        QueuesQoS0 = shared.QueuesQoS0,
        Subscriptions = HasQueue ? _stored!.Subscriptions.All : [],
    };

    private void Demand(long epoch)
    {
        if (_live is null || _live.Epoch != epoch)
            throw new StaleEpochException($"Epoch {epoch} of client '{ClientId}' is over.");
    }

    private async Task OfferAsync()
    {
        if (_live is not { IsReady: true } live || !HasQueue)
            return;

        // Without a lease the gateway is gone; that its session is lost is on its way.
        var port = await shared.Gateways.ReachAsync(live.GatewayId);
        if (port is not null && _live == live)
            _stored!.Delivery.Connect(live.Window, batch => port.Offer(ClientId, live.Epoch, batch));
    }

    private async Task BeginAsync(LiveConnection live, uint expiry, Will? will)
    {
        _stored ??= await shared.Loader.LoadAsync(ClientId, create: true, OnJournalFailed);
        await shared.Leases.BeginAsync(_stored!, ClientId, live, expiry, will);
    }

    private async Task EndConnectionAsync(Ending ending)
    {
        if (_live is not { } live)
            return;

        // A gateway without a lease has closed its connections itself.
        if (ending.CloseWith is { } code && await shared.Gateways.ReachAsync(live.GatewayId) is { } port)
            await port.Disconnect(ClientId, live.Epoch, code);

        _stored?.Delivery.Disconnect();
        if (_stored is not null && !await shared.Leases.EndAsync(_stored, ClientId, live, ending))
            await ForgetAsync();

        _live = null;
        DelayDeactivation(TimeSpan.Zero);
    }

    private async Task DoWhatIsDueAsync()
    {
        if (_live is not null || _stored is null)
            return;

        var now = Clock.Milliseconds(shared.Time);
        if (_stored.EndsAt <= now)
        {
            await ForgetAsync();
            shared.Metrics.SessionExpired();
        }
        else if (_stored.WillAt <= now)
        {
            await shared.Leases.PublishWillAsync(_stored, ClientId);
        }
    }

    private async Task ForgetAsync()
    {
        await shared.Leases.ForgetAsync(_stored!, ClientId);
        _stored = null;
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
