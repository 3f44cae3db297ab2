using Microsoft.Extensions.Options;
using Orleans.Mqtt.Grains.Sessions;
using Orleans.Mqtt.Grains.Storage;
using Orleans.Mqtt.Messages;
using Orleans.Mqtt.Sharing;
using Orleans.Serialization;

namespace Orleans.Mqtt.Grains.Sharing;

/// <summary>Everything that a share is made of, taken up from the store once an activation: who is in it, and its queue.</summary>
internal sealed class StoredShare(
    SessionJournal journal, ShareMembers members, ShareDelivery delivery, Serializer serializer)
{
    // The longest run of records that one lane call can have left behind an unknown outcome, to be told from new ones.
    private const int TailRecords = 2_048;

    // Whoever gives out as many takes longer than so many microseconds for it: then the clock has passed the mark.
    private const long MarkAhead = 1L << 28;

    /// <summary>The activation that has taken it up; later ones have higher numbers.</summary>
    public long Owner => journal.Claim.Owner;

    public ShareMembers Members => members;

    public ShareDelivery Delivery => delivery;

    /// <summary>Stores what a member is now, and goes on with it. <paramref name="link"/> is null while it cannot be reached.</summary>
    public async Task SetAsync(Membership membership, ShareLink? link)
    {
        var change = new SessionChanges();
        var member = members.Find(membership.ClientId);
        if (member?.Membership != membership)
            change.Set(ShareFields.Member(membership.ClientId), serializer.SerializeToArray(membership));

        if (member is null)
            members.Add(member = new ShareMember(membership));
        member.Membership = membership;
        members.Refresh();
        if (membership.GatewayId is null)
        {
            await delivery.DisconnectAsync(member, change);
            return;
        }

        // A gateway that has heard of a lost silo asks all to go on: who is connected already stays so.
        if (link is not null && member.Link?.Epoch == link.Epoch)
            delivery.Dispatch();
        else if (link is not null)
            delivery.Connect(member, link);
        await journal.CommitAsync(change);
    }

    /// <summary>A member unsubscribes. It stays as a leaving one while something that was sent to it is not finished.</summary>
    public Task LeaveAsync(ShareMember member)
    {
        var change = new SessionChanges();
        member.Membership = member.Membership with { IsLeaving = true };
        change.Set(ShareFields.Member(member.ClientId), serializer.SerializeToArray(member.Membership));
        return delivery.LeaveAsync(member, change);
    }

    /// <summary>A member is no more.</summary>
    public Task RemoveAsync(ShareMember member)
    {
        var change = new SessionChanges();
        change.Remove(ShareFields.Member(member.ClientId));
        return delivery.EndAsync(member, change);
    }

    /// <summary>Nothing of the share is left.</summary>
    public Task DeleteAsync()
    {
        delivery.Stop();
        return journal.DeleteAsync();
    }

    /// <summary>Takes shares up, or begins them.</summary>
    public sealed class Loader(
        SessionStore store, Serializer serializer, IOptions<SessionOptions> options, IOptions<SharingOptions> sharing,
        BrokerMetrics metrics, TimeProvider time)
    {
        public async Task<StoredShare?> LoadAsync(string filter, bool create, Action<Exception> failed)
        {
            var name = ShareNames.Of(filter);
            if (!create && !await store.Exists(name))
                return null;

            var settings = options.Value;
            var claim = await store.Claim(name, create, settings.MessagesInMemory);
            if (claim is null)
                return null;

            var journal = new SessionJournal(store, claim, failed);
            var queue = new ShareQueue(settings.MessagesInMemory);
            var seen = new SeenPublishers(settings.RememberedPublishers);
            var members = new ShareMembers(sharing.Value.Of(ShareNames.Split(filter).Name), settings.MessagesInMemory);
            var first = await RestoreAsync(journal, queue, seen, members);
            var intake = new ShareIntake(queue, seen, settings, metrics);
            var delivery = new ShareDelivery(filter, journal, queue, members, intake, metrics, time, first);
            return new StoredShare(journal, members, delivery, serializer);
        }

        /// <summary>Gives the first number that no earlier activation has used.</summary>
        private async Task<long> RestoreAsync(SessionJournal journal, ShareQueue queue, SeenPublishers seen, ShareMembers members)
        {
            // Positions and offers rise across activations: a settlement that comes late is then never taken for that of
            // another message, and an offer never for one that the gateway has had. Where this silo's clock is behind that of
            // the one before, the mark says from where on.
            var unused = Clock.Microseconds(time);
            var given = new Dictionary<long, GivenTo>();
            var parked = new Dictionary<long, ReadOnlyMemory<byte>>();
            foreach (var (name, value) in journal.Claim.Fields)
            {
                switch (name[0])
                {
                    case ShareFields.MemberPrefix:
                        members.Add(new ShareMember(serializer.Deserialize<Membership>(value)!));
                        break;
                    case ShareFields.GivenPrefix: given.Add(ShareFields.Position(name), GivenTo.Parse(value)); break;
                    case ShareFields.MarkName: unused = Math.Max(unused, SessionFields.Number(value)); break;
                    case ShareFields.ParkedPrefix: parked.Add(ShareFields.Position(name), value); break;
                    case SessionFields.SeenPrefix:
                        seen.Restore((ulong)SessionFields.Number(name.AsSpan(1)), (ulong)SessionFields.Number(value));
                        break;
                    default: break; // a field of a later version
                }
            }

            await RestoreQueueAsync(journal, queue, unused, given, parked, members);
            await RememberTailAsync(journal, seen);
            return unused;
        }

        private async Task RestoreQueueAsync(
            SessionJournal journal, ShareQueue queue, long unused, Dictionary<long, GivenTo> given,
            Dictionary<long, ReadOnlyMemory<byte>> parked, ShareMembers members)
        {
            var first = journal.Claim.FirstRecords;
            var head = first.Count > 0 ? new MessageRecord(first[0]).Position : unused;
            var lastGiven = given.Keys.DefaultIfEmpty(-1).Max();
            var needed = lastGiven - head + 1;
            if (needed > first.Count)
                first = await journal.ReadQueueAsync(0, (int)needed);

            var change = new SessionChanges();
            change.Set(ShareFields.Mark, SessionFields.Number(unused + MarkAhead));
            queue.Load(
                head, journal.Claim.QueueLength, first.Select(record => (ReadOnlyMemory<byte>)record), parked, lastGiven,
                TryTakeUp, change);
            await journal.CommitAsync(change);

            bool TryTakeUp(long position, ReadOnlyMemory<byte> record, out ShareFlight? flight)
            {
                var isGiven = given.TryGetValue(position, out var to);
                flight = isGiven && members.Find(to.ClientId) is { } member ? FlightOf(position, record, to, member) : null;
                return isGiven;
            }
        }

        private static ShareFlight FlightOf(long position, ReadOnlyMemory<byte> record, GivenTo to, ShareMember member)
        {
            var flight = new ShareFlight(position, record, member)
            {
                State = to.IsReleased ? FlightState.Released : FlightState.Sent,
                PacketId = to.PacketId,
                MayBeRepeated = true,
                IsStored = true,
            };
            member.Occupy(flight);
            return flight;
        }

        private static async Task RememberTailAsync(SessionJournal journal, SeenPublishers seen)
        {
            var claim = journal.Claim;
            var records = claim.QueueLength <= claim.FirstRecords.Count
                ? claim.FirstRecords
                : await journal.ReadQueueAsync(Math.Max(0, claim.QueueLength - TailRecords), TailRecords);
            foreach (var record in records)
                seen.Take(new MessageRecord(record));
        }
    }
}
