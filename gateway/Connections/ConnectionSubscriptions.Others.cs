using Orleans.Mqtt.Messages;
using Orleans.Mqtt.Protocol.Topics;
using Orleans.Mqtt.Sessions;
using Orleans.Mqtt.Topics;

namespace Orleans.Mqtt.Gateway.Connections;

// What others than the client ask and do.
internal sealed partial class ConnectionSubscriptions
{
    public int Count
    {
        get
        {
            lock (_gate)
                return _all?.Count ?? 0;
        }
    }

    /// <summary>What is in force here now.</summary>
    public Subscription[] All
    {
        get
        {
            lock (_gate)
                return _all is null ? [] : [.. _all.Select(known => known.Granted)];
        }
    }

    /// <summary>
    /// Subscribes for the client, without a word to it. Of a persistent session this is the live half, and
    /// <paramref name="direct"/> are the retained messages that are not in its queue.
    /// </summary>
    public async Task SubscribeForAsync(Subscription[] subscriptions, MessageBatch direct)
    {
        var before = All;
        foreach (var subscription in subscriptions.Where(subscription => SharedFilter.IsShared(subscription.Filter)))
            connection.Shared.Subscribe(subscription);
        var added = LocalOf(subscriptions);
        await gateway.Announcer.AddAsync(added);
        Retained.Watch();
        foreach (var subscription in subscriptions.Where(subscription => !SharedFilter.IsShared(subscription.Filter)))
            own.Set(subscription, before.Concat(subscriptions));
        Activate(added);
        await SendKeptAsync(subscriptions, before, direct);
    }

    /// <summary>
    /// What a new subscription gets at once: retained messages, of a persistent session those that are not in its queue, and
    /// the broker's figures, which no grain retains.
    /// </summary>
    private async Task SendKeptAsync(Subscription[] subscriptions, Subscription[] before, MessageBatch direct)
    {
        var wanted = RetainedReads.Wanted(subscriptions, before);
        var figures = Array.FindAll(wanted, subscription => SysTopic.Is(subscription.MatchedFilter));
        if (figures.Length > 0)
        {
            Retained.Watch();
            _ = Retained.SendAsync(gateway.SysTopics.ReadAsync(), figures); // beside the read loop, which need not wait
        }

        if (live is null)
            Retained.Send(direct);
        else
            await Retained.ReadAndSendAsync(wanted);
    }

    /// <summary>Ends subscriptions for the client; one answer a filter, whether it was in force here.</summary>
    public bool[] UnsubscribeFor(string[] filters)
    {
        foreach (var filter in filters)
        {
            own.Remove(filter);
            if (SharedFilter.IsShared(filter))
                connection.Shared.Unsubscribe(filter);
        }

        return Array.ConvertAll(filters, Remove);
    }
}
