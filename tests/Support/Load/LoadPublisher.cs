using System.Diagnostics;
using Orleans.Mqtt.Tests.Support.Audit;

namespace Orleans.Mqtt.Tests.Support.Load;

/// <summary>
/// Publishes numbered messages with QoS 1 and 2. What is not acknowledged when a connection ends is said again on the next
/// one, in its order and with its packet identifiers [MQTT-4.4.0-1] [MQTT-4.6.0-1].
/// </summary>
internal class LoadPublisher(
    IReadOnlyList<Entrance> entrances, IReadOnlyList<MessageStream> streams, Chronicle chronicle, LoadOptions options)
    : LoadClient(entrances, streams[0].Publisher, chronicle, options)
{
    // Few, so that each is used again soon: that is where a broker could take one message for another.
    private const int Identifiers = 64;

    private readonly List<Flight> _published = [];
    private readonly List<Flight> _released = [];
    private readonly Stopwatch _watch = Stopwatch.StartNew();
    private double _due;
    private int _lastId;
    private int _sent;
    private int _farewells;
    private volatile bool _isEnding;

    protected bool IsEnding => _isEnding;

    private int InFlight => _published.Count + _released.Count;

    /// <summary>No more messages but one of each stream, a fence: what was repeated before it has come before it.</summary>
    public override void End() => _isEnding = true;

    protected override async Task<bool> WorkAsync(Link link, Visit visit, CancellationToken cancellation)
    {
        SayAgain(link);
        while (true)
        {
            while (InFlight < Options.Window && NextStream() is { } stream)
                Publish(link, stream, visit);
            await link.FlushAsync(cancellation);

            if (InFlight > 0)
                Handle(link, await link.HearAsync(cancellation), visit);
            else if (IsDone())
                return true;
            else
                await IdleAsync(cancellation);
            if (IsFedUp())
                link.Abort();
        }
    }

    private void SayAgain(Link link)
    {
        foreach (var flight in _released)
            link.Say(Packet.PubRel(flight.PacketId));
        foreach (var flight in _published)
            Say(link, flight, dup: true);
    }

    /// <summary>Nothing is left to say.</summary>
    protected virtual bool IsDone() => _farewells == streams.Count;

    /// <summary>There is nothing to say yet: the rate has run ahead of the clock.</summary>
    protected virtual Task IdleAsync(CancellationToken cancellation)
    {
        var ahead = Math.Clamp(_due - _watch.Elapsed.TotalSeconds, 0.005, 0.5); // not for long: the end may be called
        return Task.Delay(TimeSpan.FromSeconds(ahead), cancellation);
    }

    /// <summary>What is said next; nothing when it is not yet time.</summary>
    protected virtual MessageStream? NextStream()
    {
        if (_isEnding)
            return _farewells < streams.Count ? streams[_farewells++] : null;
        if (_sent >= Options.Limit || !MayGo())
            return null;

        _sent++;
        return streams[Random.Next(streams.Count)];
    }

    /// <summary>The rate holds over a tenth of a second: what could not be said while the broker was away is not caught up.</summary>
    private bool MayGo()
    {
        var now = _watch.Elapsed.TotalSeconds;
        _due = Math.Max(_due, now - Math.Max(0.1, 1.0 / Options.Rate));
        if (_due > now)
            return false;

        _due += 1.0 / Options.Rate;
        return true;
    }

    private void Publish(Link link, MessageStream stream, Visit visit)
    {
        var flight = new Flight(FreeId(), stream, Chronicle.Send(stream, visit.Number));
        _published.Add(flight);
        Say(link, flight, dup: false);
    }

    private static void Say(Link link, Flight flight, bool dup)
    {
        var payload = LoadPayload.Of(new Receipt(flight.Stream.Index, flight.Number));
        var (stream, number) = (flight.Stream, flight.Number);
        link.Say(Packet.Publish(stream.TopicOf(number), payload, stream.QoS, flight.PacketId, retain: false, dup));
    }

    private void Handle(Link link, RawPacket packet, Visit visit)
    {
        var published = _published.FindIndex(flight => flight.PacketId == packet.PacketId);
        var released = _released.FindIndex(flight => flight.PacketId == packet.PacketId);
        switch (packet.Type)
        {
            case RawType.PubAck when published >= 0 && _published[published].Stream.QoS == 1:
                Finish(_published, published, visit);
                break;
            case RawType.PubRec when published >= 0 && _published[published].Stream.QoS == 2:
                _released.Add(_published[published]);
                _published.RemoveAt(published);
                link.Say(Packet.PubRel(packet.PacketId));
                break;
            case RawType.PubRec when released >= 0:
                link.Say(Packet.PubRel(packet.PacketId));
                break;
            case RawType.PubComp when released >= 0:
                Finish(_released, released, visit);
                break;
            default:
                Chronicle.Wonder($"{ClientId} got an answer to nothing: {packet}");
                break;
        }
    }

    private void Finish(List<Flight> list, int index, Visit visit)
    {
        Chronicle.Acknowledge(list[index].Stream, list[index].Number, visit.Number);
        list.RemoveAt(index);
    }

    private int FreeId()
    {
        do
            _lastId = (_lastId % Math.Max(Identifiers, 2 * Options.Window)) + 1;
        while (_published.Exists(flight => flight.PacketId == _lastId) || _released.Exists(flight => flight.PacketId == _lastId));
        return _lastId;
    }

    /// <summary>A message that the broker has not acknowledged to the end.</summary>
    private sealed record Flight(int PacketId, MessageStream Stream, int Number);
}
