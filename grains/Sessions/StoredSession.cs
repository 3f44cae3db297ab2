using Microsoft.Extensions.Options;
using Orleans.Mqtt.Grains.Sharing;
using Orleans.Mqtt.Grains.Storage;
using Orleans.Mqtt.Sessions;
using Orleans.Serialization;

namespace Orleans.Mqtt.Grains.Sessions;

/// <summary>Everything that a stored session is made of, taken up from the store once an activation.</summary>
internal sealed class StoredSession
{
    // The longest run of records that one lane call can have left behind an unknown outcome, to be told from new ones.
    private const int TailRecords = 2_048;

    private StoredSession(
        SessionJournal journal, SessionDelivery delivery, SessionSubscriptions subscriptions, SessionShares shares,
        SessionExclusives exclusives)
    {
        Shares = shares;
        Journal = journal;
        Delivery = delivery;
        Subscriptions = subscriptions;
        Exclusives = exclusives;
        Receipts = new SessionReceipts(journal);
    }

    public SessionJournal Journal { get; }

    public SessionDelivery Delivery { get; }

    public SessionSubscriptions Subscriptions { get; }

    public SessionShares Shares { get; }

    public SessionExclusives Exclusives { get; }

    public SessionReceipts Receipts { get; }

    public ulong Publisher { get; set; }

    public long Epoch { get; set; }

    /// <summary>Seconds that the session outlives its connection; 0: not at all.</summary>
    public uint Expiry { get; set; }

    /// <summary>Milliseconds since 1970; null while it is connected, or for ever.</summary>
    public long? EndsAt { get; set; }

    /// <summary>When the will is to be published, as <see cref="EndsAt"/>; null when nothing waits.</summary>
    public long? WillAt { get; set; }

    /// <summary>What comes first of all that its durable timer is for.</summary>
    public long? NextDue => WillAt is { } will && EndsAt is { } end ? Math.Min(will, end) : WillAt ?? EndsAt;

    /// <summary>
    /// Messages wait in it. Not where it is stored only for a will, or to be found after a crash; but also where a client
    /// goes on with a session that ends with this connection.
    /// </summary>
    public bool HasQueue => Expiry > 0 || Connection is { FoundSession: true };

    /// <summary>It was there before this activation.</summary>
    public bool IsRestored { get; private init; }

    /// <summary>This activation has put it into the index of those that outlive their connections.</summary>
    public bool IsListed { get; set; }

    public string? UserName { get; set; }

    public Will? Will { get; set; }

    public StoredConnection? Connection { get; set; }

    /// <summary>Takes the session up, or begins one.</summary>
    public sealed class Loader(
        SessionStore store, ExclusiveStore exclusives, IGrainFactory grains, Serializer serializer, IOptions<SessionOptions> options,
        BrokerMetrics metrics, TimeProvider time)
    {
        public Serializer Serializer => serializer;

        public async Task<StoredSession?> LoadAsync(string clientId, bool create, Action<Exception> failed)
        {
            if (!create && !await store.Exists(clientId))
                return null;

            var settings = options.Value;
            var claim = await store.Claim(clientId, create, settings.MessagesInMemory);
            if (claim is null)
                return null;

            var journal = new SessionJournal(store, claim, failed);
            var queue = new SessionQueue(settings.MessagesInMemory);
            var seen = new SeenPublishers(settings.RememberedPublishers);
            var shares = new SessionShares(clientId, grains);
            var session = new StoredSession(
                journal,
                new SessionDelivery(journal, queue, seen, settings, metrics, time),
                new SessionSubscriptions(clientId, journal, shares, grains, serializer, settings),
                shares,
                new SessionExclusives(clientId, journal, exclusives))
            {
                IsRestored = !claim.IsNew,
            };
            session.Restore(claim, queue, seen, serializer, time);
            await RememberTailAsync(journal, claim, seen);
            return session;
        }

        private static async Task RememberTailAsync(SessionJournal journal, SessionClaim claim, SeenPublishers seen)
        {
            var records = claim.QueueLength <= claim.FirstRecords.Count
                ? claim.FirstRecords
                : await journal.ReadQueueAsync(Math.Max(0, claim.QueueLength - TailRecords), TailRecords);
            foreach (var record in records)
                seen.Take(new Messages.MessageRecord(record));
        }
    }

    private void Restore(
        SessionClaim claim, SessionQueue queue, SeenPublishers seen, Serializer serializer, TimeProvider time)
    {
        var released = new HashSet<long>();
        long? sentBelow = null;
        foreach (var (name, value) in claim.Fields)
        {
            switch (name[0])
            {
                case SessionFields.SubscriptionPrefix: Subscriptions.Restore(name, value); break;
                case SessionFields.SharePrefix: Shares.Restore(name, value); break;
                case SessionFields.ReceivedPrefix:
                    Receipts.Restore(SessionFields.PacketId(name), (ulong)SessionFields.Number(value));
                    break;
                case SessionFields.ReleasedPrefix: released.Add(SessionFields.Number(name.AsSpan(1))); break;
                case SessionFields.SeenPrefix:
                    seen.Restore((ulong)SessionFields.Number(name.AsSpan(1)), (ulong)SessionFields.Number(value));
                    break;
                case (byte)'q': Receipts.RestoreLast((ulong)SessionFields.Number(value)); break;
                case (byte)'l': Subscriptions.LastRequest = SessionFields.Number(value); break;
                case SessionFields.ExclusivePrefix: Exclusives.Restore(name); break;
                case (byte)'k': Publisher = (ulong)SessionFields.Number(value); break;
                case (byte)'e': Epoch = SessionFields.Number(value); break;
                case (byte)'x': Expiry = (uint)SessionFields.Number(value); break;
                case (byte)'t': EndsAt = SessionFields.Number(value); break;
                case (byte)'d': WillAt = SessionFields.Number(value); break;
                case (byte)'n': sentBelow = SessionFields.Number(value); break;
                case (byte)'u': UserName = System.Text.Encoding.UTF8.GetString(value); break;
                case (byte)'w': Will = serializer.Deserialize<Will>(value); break;
                case (byte)'c': Connection = serializer.Deserialize<StoredConnection>(value); break;
                default: break; // a field of a later version
            }
        }

        Epoch = Math.Max(Epoch, claim.LastEpoch);
        Shares.Epoch = Connection?.Epoch ?? Epoch; // a higher one may have been given up before it began

        // An empty queue begins at the clock, so that positions rise across activations: a settlement that comes late is
        // then never taken for that of another message. Not below what was sent, where this silo's clock is behind: the
        // gateway would take the message for one that it has had, and settle it.
        var head = claim.FirstRecords.Count > 0
            ? new Messages.MessageRecord(claim.FirstRecords[0]).Position
            : Math.Max(Clock.Microseconds(time), sentBelow ?? 0);

        queue.Load(
            head, claim.QueueLength, claim.FirstRecords.Select(r => (ReadOnlyMemory<byte>)r), sentBelow ?? head, released);
    }
}
