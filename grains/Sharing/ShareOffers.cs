using Orleans.Mqtt.Grains.Sessions;
using Orleans.Mqtt.Messages;
using Orleans.Mqtt.Protocol;
using Orleans.Mqtt.Sharing;

namespace Orleans.Mqtt.Grains.Sharing;

/// <summary>
/// Sends members what is in their backlogs, as far as their windows reach. One offer a member is under way at a time; who
/// gets a message of QoS 2 is stored before it leaves, so that nobody else ever does.
/// </summary>
internal sealed class ShareOffers(
    string filter, SessionJournal journal, BrokerMetrics metrics, TimeProvider time, long firstOffer,
    Action<List<ShareFlight>> onSent, Action<List<ShareFlight>> onRefused, Action<ShareMember> onLost)
{
    private static readonly TimeSpan _retry = TimeSpan.FromMilliseconds(500);

    private readonly RecordBlock _outgoing = new();

    private long _sequence = firstOffer;

    public void Start(ShareMember member)
    {
        if (member.Link is not { } link || member.OfferingOn == link)
            return;
        member.OfferingOn = link;
        _ = OfferAsync(member, link); // ends with the connection or when nothing is left to send
    }

    private async Task OfferAsync(ShareMember member, ShareLink link)
    {
        while (member.Link == link)
        {
            var change = new SessionChanges();
            var flights = Take(member, change);
            if (flights.Count == 0)
                break;

            if (!change.IsEmpty && !await IsStoredAsync(change))
                return; // the activation is over

            flights.RemoveAll(IsFinished); // taken back meanwhile
            if (flights.Count > 0 && member.Link == link)
                await DeliverAsync(member, link, flights);
        }

        if (member.OfferingOn == link)
            member.OfferingOn = null;
    }

    private static List<ShareFlight> Take(ShareMember member, SessionChanges change)
    {
        var flights = new List<ShareFlight>();
        while (member.Backlog.TryPeek(out var flight) && MayGo(member, flight))
        {
            member.Backlog.Dequeue();
            if (flight.State is FlightState.Finished)
                continue;

            if (flight.QoS is not QoS.AtMostOnce && flight.PacketId == 0)
                member.TakePacketId(flight);
            if (flight is { QoS: QoS.ExactlyOnce, IsStored: false })
            {
                flight.IsStored = true;
                change.Set(
                    ShareFields.Given(flight.Position), new GivenTo(member.ClientId, flight.PacketId, false).ToArray());
            }

            flights.Add(flight);
        }

        return flights;
    }

    private static bool IsFinished(ShareFlight flight) => flight.State is FlightState.Finished;

    private static bool MayGo(ShareMember member, ShareFlight flight) =>
        flight.QoS is QoS.AtMostOnce || flight.PacketId != 0 || flight.State is FlightState.Finished || member.HasWindow;

    private async Task<bool> IsStoredAsync(SessionChanges change)
    {
        try
        {
            await journal.CommitAsync(change);
            return true;
        }
        catch (Exception)
        {
            return false; // the journal has told the grain
        }
    }

    /// <summary>Offers until it is known whether the connection has it: it takes each offer once, however often it comes.</summary>
    private async Task DeliverAsync(ShareMember member, ShareLink link, List<ShareFlight> flights)
    {
        var offer = new ShareOffer(filter, ++_sequence, Encode(flights));
        var fresh = flights.FindAll(flight => flight.State is FlightState.Given);
        fresh.ForEach(flight => flight.State = FlightState.Sent);
        for (var isFirst = true; member.Link == link && !flights.TrueForAll(IsFinished); isFirst = false)
        {
            try
            {
                switch (await link.Port.OfferShared(member.ClientId, link.Epoch, offer))
                {
                    case ShareAnswer.Taken:
                        onSent(flights);
                        return;
                    case ShareAnswer.NotSubscribed:
                        await RefuseAsync(member, fresh);
                        return;
                    default:
                        Lose(member, link, fresh, isFirst);
                        return;
                }
            }
            catch (Exception)
            {
                metrics.OfferRetried();
            }

            await Task.Delay(_retry, time);
        }
    }

    /// <summary>The member has left while this was on its way, and has perhaps come again.</summary>
    private async Task RefuseAsync(ShareMember member, List<ShareFlight> fresh)
    {
        onRefused(Unsent(fresh));
        if (!member.Membership.IsLeaving)
            await Task.Delay(_retry, time);
    }

    private void Lose(ShareMember member, ShareLink link, List<ShareFlight> fresh, bool isFirst)
    {
        // Not there at the first attempt, nothing of it was sent: it is free for others. Of a later one, nobody knows.
        if (member.Link != link)
            return;
        if (isFirst)
            Unsent(fresh);
        onLost(member);
    }

    private static List<ShareFlight> Unsent(List<ShareFlight> fresh)
    {
        var unsent = fresh.FindAll(flight => flight.State is FlightState.Sent);
        unsent.ForEach(flight => flight.State = FlightState.Given);
        return unsent;
    }

    private MessageBatch Encode(List<ShareFlight> flights)
    {
        foreach (var flight in flights)
        {
            var record = new MessageRecord(flight.Record.Span);
            var flags = MessageRecord.WithQoS(record.Flags, flight.QoS);
            if (flight.State is FlightState.Released)
                flags |= RecordFlags.Release;
            else if (flight.MayBeRepeated)
                flags |= RecordFlags.Dup;

            var copy = _outgoing.Add(record);
            MessageRecord.PatchFlags(copy, flags);
            MessageRecord.PatchSequence(copy, flight.PacketId);
        }

        var batch = MessageBatch.From(_outgoing);
        _outgoing.Clear();
        return batch;
    }
}
