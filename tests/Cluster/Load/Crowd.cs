using Orleans.Mqtt.Tests.Support;
using Orleans.Mqtt.Tests.Support.Audit;
using Orleans.Mqtt.Tests.Support.Load;

namespace Orleans.Mqtt.Tests.Cluster.Load;

/// <summary>Composes a fleet of any size, of all kinds of clients, each of whom can show the breach of a promise.</summary>
internal sealed class Crowd
{
    private const int Witnesses = 2;
    private const int Sharers = 4;

    private readonly IReadOnlyList<Entrance> _entrances;
    private readonly LoadOptions _options;
    private readonly string _prefix;
    private readonly int _publishers;
    private readonly int _subscribers;
    private readonly int _probers;
    private readonly int _rivals;
    private readonly int _mortals;
    private readonly List<MessageStream> _streams;
    private readonly List<Audience> _audiences = [];
    private readonly List<Func<Chronicle, (Stage, LoadClient)>> _clients = [];
    private readonly List<int> _shares = [];

    private Crowd(IReadOnlyList<Entrance> entrances, LoadOptions options, int clients, string prefix)
    {
        _entrances = entrances;
        _options = options;
        _prefix = prefix;
        _publishers = Math.Max(2, clients * 25 / 100);
        _probers = Math.Max(2, clients * 7 / 100); // each with a herald
        _rivals = Math.Max(1, clients * 3 / 100); // two clients each
        _mortals = Math.Max(2, clients * 10 / 100);
        _subscribers = Math.Max(4, clients - _publishers - (2 * _probers) - (2 * _rivals) - _mortals - Witnesses);
        _streams = LoadFleet.StreamsOf(_publishers, prefix);
    }

    /// <summary>All kinds.</summary>
    public static LoadFleet Mixed(IReadOnlyList<Entrance> entrances, LoadOptions options, int clients)
    {
        var crowd = new Crowd(entrances, options, clients, prefix: "");
        crowd.AddRivals();
        crowd.AddProbers();
        crowd.AddMortals();
        crowd.AddSubscribers();
        crowd.AddShares();
        return crowd.ToFleet();
    }

    /// <summary>Publishers and subscribers who never leave by themselves, with names that nobody else has.</summary>
    public static LoadFleet Steady(IReadOnlyList<Entrance> entrances, LoadOptions options, int clients)
    {
        var crowd = new Crowd(entrances, options with { Loyalty = int.MaxValue }, clients, Unique.Token() + "-");
        crowd.AddSubscribers();
        return crowd.ToFleet();
    }

    private LoadFleet ToFleet()
    {
        var chronicle = new Chronicle(_streams, _audiences);
        var fleet = new LoadFleet(chronicle);
        foreach (var make in _clients)
        {
            var (stage, client) = make(chronicle);
            fleet.Enlist(stage, client);
        }

        foreach (var share in _shares)
            fleet.EnlistMembers(_entrances, share, _options);
        for (var i = 0; i < _publishers; i++)
        {
            var name = $"{_prefix}p{i}";
            var own = _streams.Where(stream => stream.Publisher == name).ToArray();
            fleet.Enlist(Stage.Publishing, new LoadPublisher(_entrances, own, chronicle, _options));
        }

        return fleet;
    }

    /// <summary>Four hear everything; the others two publishers, with filters that overlap or not; every third comes and goes.</summary>
    private void AddSubscribers()
    {
        for (var i = 0; i < _subscribers; i++)
        {
            var (one, other, qos) = (i % _publishers, (i * 7 + 1) % _publishers, 1 + (i % 2));
            (string, int)[] filters = (i % 4) switch
            {
                _ when i < 4 => [(_prefix + "load/#", qos)],
                0 => [($"{_prefix}load/p{one}/#", qos)],
                1 => [($"{_prefix}load/p{one}/a", qos), ($"{_prefix}load/p{other}/b", 2)],
                2 => [($"{_prefix}load/p{one}/+", qos), ($"{_prefix}load/p{one}/a", 3 - qos)],
                _ => [($"{_prefix}load/p{one}/a", 2), ($"{_prefix}load/p{other}/+", qos)],
            };
            AddSubscriber(new Audience($"{_prefix}s{i}", filters.DistinctBy(filter => filter.Item1).ToArray()), i % 3 == 2);
        }
    }

    private void AddSubscriber(Audience audience, bool comesAndGoes)
    {
        var index = Add(audience);
        _clients.Add(chronicle =>
            (Stage.Hearing, new LoadSubscriber(_entrances, index, chronicle, _options, comesAndGoes)));
    }

    private void AddRivals()
    {
        for (var i = 0; i < _rivals; i++)
        {
            Add($"p{i % _publishers}", $"rival/{i}", 1, StreamKind.Published);
            var late = Add($"rival{i}", $"late/{i}", 1, StreamKind.Late);
            var index = Add(new Audience($"rival{i}", ($"rival/{i}", 1)));
            var rivalry = new Rivalry();
            foreach (var isElder in new[] { true, false })
            {
                _clients.Add(chronicle =>
                    (Stage.Hearing, new Twin(_entrances, index, late, rivalry, isElder, chronicle, _options)));
            }
        }
    }

    private void AddProbers()
    {
        for (var i = 0; i < _probers; i++)
        {
            var qos = 1 + (i % 2);
            var isKept = i % 4 < 2;
            var stream = Add($"herald{i}", $"prompt/{i}", qos, StreamKind.Prompt);
            var index = Add(new Audience($"prober{i}", ($"prompt/{i}/#", qos)));
            Herald? herald = null;
            _clients.Add(chronicle =>
                (Stage.Publishing, herald = new Herald(_entrances, stream, chronicle, _options)));
            _clients.Add(chronicle =>
                (Stage.Prompting, new Prober(_entrances, index, herald!, isKept, chronicle, _options)));
        }
    }

    private void AddMortals()
    {
        for (var i = 0; i < _mortals; i++)
        {
            var isKept = i % 2 == 0;
            var will = Add($"mortal{i}", $"wills/{i}", 2, StreamKind.Will);
            _clients.Add(chronicle => (Stage.Prompting, new Mortal(_entrances, will, isKept, chronicle, _options)));
        }

        for (var i = 0; i < Witnesses; i++)
            AddSubscriber(new Audience($"witness{i}", ("wills/#", 2)), comesAndGoes: i > 0);
    }

    private void AddShares()
    {
        _shares.Add(Add(new Audience("share-2", ("load/#", 2)) { Members = Sharers }));
        _shares.Add(Add(new Audience("share-1", ("load/+/a", 1)) { Members = Sharers }));
    }

    private MessageStream Add(string publisher, string topic, int qos, StreamKind kind)
    {
        var stream = new MessageStream(_streams.Count, publisher, topic, qos, kind);
        _streams.Add(stream);
        return stream;
    }

    private int Add(Audience audience)
    {
        _audiences.Add(audience);
        return _audiences.Count - 1;
    }
}
