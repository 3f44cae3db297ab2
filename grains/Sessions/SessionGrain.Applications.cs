using Orleans.Mqtt.Cluster;
using Orleans.Mqtt.Messages;
using Orleans.Mqtt.Protocol;
using Orleans.Mqtt.Protocol.Topics;
using Orleans.Mqtt.Sessions;

namespace Orleans.Mqtt.Grains.Sessions;

// What applications and operators ask of a session.
internal sealed partial class SessionGrain
{
    private bool IsThere => _live is not null || HasQueue;

    public async Task<SessionInfo?> Info()
    {
        if (!IsThere)
            return null;

        var info = new SessionInfo
        {
            ClientId = ClientId,
            IsConnected = _live is not null,
            IsPersistent = HasQueue,
            GatewayId = _live?.GatewayId,
            Queued = _stored?.Delivery.Queue.Count ?? 0,
            Subscriptions = _stored?.Subscriptions.Count ?? 0,
            Expiry = _stored?.Expiry ?? 0,
            EndsAt = _stored?.EndsAt is { } end ? DateTimeOffset.FromUnixTimeMilliseconds(end) : null,
        };
        return _live is { } live
            ? info with { Connection = await shared.Desks.AskAsync(live.GatewayId, desk => desk.Find(ClientId, live.Epoch)) }
            : info;
    }

    public async Task<Subscription[]?> Subscriptions(string after, int limit)
    {
        if (!IsThere)
            return null;
        if (!HasQueue)
            return await shared.Desks.AskAsync(_live!.GatewayId, desk => desk.SubscriptionsOf(ClientId, after, limit)) ?? [];

        return
        [
            .. _stored!.Subscriptions.All
                .Where(granted => CodePointOrder.Instance.Compare(granted.Filter, after) > 0)
                .OrderBy(granted => granted.Filter, CodePointOrder.Instance)
                .Take(Paging.Clamp(limit)),
        ];
    }

    public async Task<ReasonCode> Publish(Message message)
    {
        if (message.Judge() is var verdict && verdict.IsError())
            return verdict;

        // Nobody keeps QoS 0 for a client that is away.
        if (!IsThere || (_live is null && message.QoS is QoS.AtMostOnce && !shared.QueuesQoS0))
            return ReasonCode.NoMatchingSubscribers;

        var block = new RecordBlock();
        (message with { Retain = false }).WriteTo(block, shared.Time.GetUtcNow());
        var batch = MessageBatch.From(block);
        block.Release();
        if (HasQueue)
            return (await _stored!.Delivery.EnqueueAsync(batch))?[0] ?? ReasonCode.Success;

        var live = _live!;
        return await shared.Gateways.ReachAsync(live.GatewayId) is { } port && await port.Offer(ClientId, live.Epoch, batch)
            ? ReasonCode.Success
            : ReasonCode.QuotaExceeded;
    }

    public Task<ReasonCode[]?> Subscribe(Subscription[] subscriptions) => StepAsync<ReasonCode[]?>(async () =>
    {
        if (!IsThere)
            return null;

        var granted = Array.FindAll(subscriptions, IsLegal);
        var retained = HasQueue ? await shared.Subscribing.SubscribeAsync(_stored!, granted) : MessageBatch.Empty;
        if (_live is { } live)
            await shared.Desks.DemandAsync(live.GatewayId, desk => desk.Subscribe(ClientId, live.Epoch, granted, retained));

        return Array.ConvertAll(
            subscriptions, wanted => IsLegal(wanted) ? (ReasonCode)wanted.QoS
                : SharedFilter.IsShared(wanted.Filter) ? ReasonCode.SharedSubscriptionsNotSupported
                : ReasonCode.TopicFilterInvalid);
    });

    public Task<bool[]?> Unsubscribe(string[] filters) => StepAsync<bool[]?>(async () =>
    {
        if (!IsThere)
            return null;

        if (_stored is not null)
            await _stored.Journal.ConfirmAsync(); // the routes may be those of an activation elsewhere by now
        var known = _stored is null ? new bool[filters.Length] : await _stored.Subscriptions.RemoveAsync(filters);
        var live = _live is { } connection
            ? await shared.Desks.DemandAsync(connection.GatewayId, desk => desk.Unsubscribe(ClientId, connection.Epoch, filters))
            : null;
        return [.. known.Select((isKnown, index) => isKnown || live?[index] == true)];
    });

    public Task<bool> Disconnect() => StepAsync(async () =>
    {
        var wasConnected = _live is not null;
        await EndConnectionAsync(new Ending(CloseReason.Lost) { CloseWith = ReasonCode.AdministrativeAction });
        return wasConnected;
    });

    public Task<bool> Create() => StepAsync(async () =>
    {
        if (IsThere)
            return false;

        _stored = await shared.Loader.LoadAsync(ClientId, create: true, OnJournalFailed);
        await shared.Leases.CreateAsync(_stored!, ClientId);
        return true;
    });

    public Task<bool> Delete() => StepAsync(async () =>
    {
        var wasThere = IsThere;
        await EndConnectionAsync(new Ending(CloseReason.Lost) { CloseWith = ReasonCode.AdministrativeAction });
        if (_stored is not null)
            await ForgetAsync();
        return wasThere;
    });

    private static bool IsLegal(Subscription wanted) =>
        wanted.QoS <= QoS.ExactlyOnce && TopicFilter.IsValid(wanted.Filter) && !SharedFilter.IsShared(wanted.Filter);
}
