using Microsoft.Extensions.Options;
using Orleans.Mqtt.Sessions;

namespace Orleans.Mqtt.Grains.Sessions;

/// <summary>
/// Who is connected without a grain. A client is a guest, or its grain is awake, or neither; never both, so that it has one
/// owner (promise P5): the gate decides.
/// </summary>
/// <param name="isStored">Whether the store, which is in this process, has a session of the client.</param>
/// <param name="options">How sessions are kept.</param>
/// <param name="events">Hears who comes and goes.</param>
/// <param name="time">Gives the epochs.</param>
internal sealed class GuestBook(
    Func<string, bool> isStored, IOptions<SessionOptions> options, ClientEvents events, TimeProvider time)
    : IGuestBook
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, LiveConnection> _guests = [];
    private readonly Dictionary<string, SessionPresence> _awake = [];
    private long _lastEpoch;

    public int Count
    {
        get
        {
            lock (_gate)
                return _guests.Count;
        }
    }

    public SessionTicket? Enter(string clientId, SessionRequest request)
    {
        if (!IsForGuests(request))
            return null;

        var window = Math.Min(options.Value.MaximumInFlight, request.ReceiveMaximum);
        LiveConnection guest;
        lock (_gate)
        {
            // Another connection to close, or a session to forget: that is the grain's work. Nobody stores a session while
            // its grain sleeps, so what the store says holds until the gate is left.
            if (_awake.ContainsKey(clientId) || _guests.ContainsKey(clientId) || isStored(clientId))
                return null;

            _lastEpoch = Math.Max(Clock.Microseconds(time), _lastEpoch + 1);
            guest = LiveConnection.From(request, _lastEpoch, window, foundSession: false);
            _guests.Add(clientId, guest);
        }

        events.Connected(clientId, guest.Epoch, request, isPresent: false);
        return new SessionTicket
        {
            Epoch = guest.Epoch,
            Publisher = SessionLeases.NewPublisher(clientId),
            TellsSubscriptions = events.AreWanted,
        };
    }

    public bool Leave(string clientId, long epoch, CloseReason reason)
    {
        LiveConnection? guest;
        lock (_gate)
        {
            if (!_guests.TryGetValue(clientId, out guest) || guest.Epoch != epoch)
                return false;
            _guests.Remove(clientId);
        }

        events.Disconnected(clientId, guest, closedWith: null, reason);
        return true;
    }

    /// <summary>The grain is awake and answers for the client from now on, beginning with the guest that it is given.</summary>
    public LiveConnection? Wake(string clientId, SessionPresence presence)
    {
        lock (_gate)
        {
            _awake[clientId] = presence;
            return _guests.Remove(clientId, out var guest) ? guest : null;
        }
    }

    /// <summary>The grain goes to sleep. A connection that nothing is stored of is a guest again.</summary>
    public void Sleep(string clientId, SessionPresence presence, LiveConnection? guest, long lastEpoch)
    {
        lock (_gate)
        {
            _lastEpoch = Math.Max(_lastEpoch, lastEpoch);
            if (!_awake.TryGetValue(clientId, out var awake) || awake != presence)
                return; // another activation is up already

            _awake.Remove(clientId);
            if (guest is not null)
                _guests[clientId] = guest;
        }
    }

    // A will has to be known to whoever clears up after a crash.
    private bool IsForGuests(SessionRequest request) =>
        request is { CleanStart: true, SessionExpiry: 0, Will: null } && !options.Value.StoreEphemeral;
}
