using Orleans.Mqtt.Protocol;
using Orleans.Mqtt.Sessions;

namespace Orleans.Mqtt.Grains.Sessions;

/// <summary>How a connection begins and ends, and what is left when it is over.</summary>
internal sealed partial class SessionGrain
{
    private void WakeUp()
    {
        _presence = shared.Census.Enter(ClientId, () => _stored);
        if (shared.Guests?.Wake(ClientId, _presence) is not { } guest)
            return;

        _live = guest;
        _lastEpoch = guest.Epoch;
        DelayDeactivation(Timeout.InfiniteTimeSpan);
    }

    private void GoToSleep()
    {
        if (_presence is null)
            return;

        shared.Census.Leave(_presence);
        shared.Guests?.Sleep(ClientId, _presence, _stored is null ? _live : null, _lastEpoch);
    }

    private async Task TakeUpAsync()
    {
        _stored = await shared.Loader.LoadAsync(ClientId, create: false, OnJournalFailed);
        if (_stored is null)
            return;

        if (_live is not null)
        {
            await ForgetAsync(); // the guest came clean: this is of before, stored by a write that nobody waited for any more
            return;
        }

        _lastEpoch = _stored.Epoch;
        if (_stored.Connection is { } connection)
        {
            // Another activation, or another process, had it. If the connection still lives it gets what is left.
            _live = LiveConnection.From(connection);
            DelayDeactivation(Timeout.InfiniteTimeSpan);
            await OfferAsync();
        }
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

    private async Task ConnectSharesAsync(long epoch)
    {
        Demand(epoch);
        var change = new SessionChanges();
        await _stored!.Shares.ConnectAsync(_live, change);
        await _stored.Journal.CommitAsync(change);
    }

    private async Task BeginAsync(LiveConnection live, uint expiry, Will? will)
    {
        if (_stored is null)
        {
            var stored = (await shared.Loader.LoadAsync(ClientId, create: true, OnJournalFailed))!;
            _lastEpoch = Math.Max(_lastEpoch, stored.Epoch);
            if (_live is null && live.Epoch <= _lastEpoch)
            {
                await stored.Journal.DeleteAsync(_lastEpoch);
                DemandRise(live.Epoch);
            }

            _stored = stored;
        }

        await shared.Leases.BeginAsync(_stored, ClientId, live, expiry, will);
    }

    /// <summary>
    /// A call to open that was made again, and went through elsewhere, may come late to a silo that hung: what it opened may
    /// have ended since, or been taken over.
    /// </summary>
    private void DemandRise(long epoch)
    {
        if (epoch > 0 && epoch <= _lastEpoch)
            throw new StaleEpochException($"Epoch {epoch} of client '{ClientId}' comes after {_lastEpoch}.") { Highest = _lastEpoch };
    }

    /// <summary>The connection that was to have this epoch is not to begin any more.</summary>
    private async Task GiveUpAsync(long epoch)
    {
        await shared.Leases.GiveUpAsync(_stored, ClientId, epoch);
        _lastEpoch = epoch;
    }

    /// <summary>
    /// Also what ends with its connection must be known to whoever clears up when all of us are killed, once it has something
    /// that others know of.
    /// </summary>
    private Task DemandStoredAsync() =>
        _stored is null ? BeginAsync(_live!, expiry: 0, will: null) : Task.CompletedTask;

    private async Task<ReasonCode[]> ClaimAsync(string[] filters)
    {
        if (!shared.AllowsExclusive)
            return Array.ConvertAll(filters, _ => ReasonCode.TopicFilterInvalid);

        await DemandStoredAsync();
        var answers = new ReasonCode[filters.Length];
        for (var i = 0; i < filters.Length; i++)
            answers[i] = await _stored!.Exclusives.ClaimAsync(filters[i]);
        return answers;
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
        shared.Events.Disconnected(ClientId, live, ending.CloseWith, ending.Reason);
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
}
