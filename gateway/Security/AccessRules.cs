using System.Text;
using Microsoft.Extensions.Options;
using Orleans.Mqtt.Gateway.Files;
using Orleans.Mqtt.Protocol;
using Orleans.Mqtt.Protocol.Topics;
using Orleans.Mqtt.Security;

namespace Orleans.Mqtt.Gateway.Security;

/// <summary>The built-in authorizer: first what nobody may do, then the rules.</summary>
internal sealed class AccessRules : IAuthorizer
{
    private readonly byte[][] _nobodyPublishes;
    private readonly string[] _nobodySubscribes;
    private readonly WatchedFile<AccessRuleSet>? _file;
    private readonly AccessRuleSet _settings;

    public AccessRules(IOptions<AccessOptions> options, WatchedFile<AccessRuleSet>? file = null)
    {
        var denials = options.Value.Deny.Select(DenyRule.Parse).ToArray();
        _nobodyPublishes =
        [
            .. denials.Where(denial => denial.Actions.HasFlag(AccessActions.Publish))
                .Select(denial => Encoding.UTF8.GetBytes(denial.Filter)),
        ];
        _nobodySubscribes =
            [.. denials.Where(denial => denial.Actions.HasFlag(AccessActions.Subscribe)).Select(denial => denial.Filter)];
        _file = file;
        _settings = file?.Current ?? AccessRuleSet.Read(options.Value);
    }

    private AccessRuleSet Rules => _file?.Current ?? _settings;

    /// <summary>Without allocation only where the rules are the same for everybody; else ask <see cref="ForConnection"/>.</summary>
    public bool MayPublish(ClientIdentity client, ReadOnlySpan<byte> topic) =>
        IsLeftOpen(topic) && Rules.CompileFor(client).MayPublish(topic);

    public bool MaySubscribe(ClientIdentity client, string filter, QoS qos) =>
        !Array.Exists(_nobodySubscribes, denied => Filters.Covers(denied, filter))
        && Rules.CompileFor(client).MaySubscribe(filter);

    public IAuthorizer ForConnection(ClientIdentity client) =>
        _file is null && _settings.IsEmpty && _nobodyPublishes.Length == 0 ? this : new ClientRights(this, client);

    private bool IsLeftOpen(ReadOnlySpan<byte> topic)
    {
        foreach (var filter in _nobodyPublishes)
        {
            if (TopicMatcher.Matches(filter, topic))
                return false;
        }

        return true;
    }

    /// <summary>The rights of one connection: compiled when it first publishes, and again when the rules have changed.</summary>
    private sealed class ClientRights(AccessRules rules, ClientIdentity client) : IAuthorizer
    {
        // A rule costs about 15 ns a message, and most clients say the next message on the topic of the last.
        private const int LongestRemembered = 256;

        private byte[] _lastTopic = []; // until it publishes
        private int _lastLength;
        private bool _lastVerdict;
        private AccessRuleSet? _source;
        private ClientRules? _compiled;

        public bool MayPublish(ClientIdentity _, ReadOnlySpan<byte> topic)
        {
            var source = rules.Rules;
            if (_source == source && topic.SequenceEqual(_lastTopic.AsSpan(0, _lastLength)))
                return _lastVerdict;

            if (_source != source)
            {
                _compiled = source.CompileFor(client);
                _source = source;
            }

            var verdict = rules.IsLeftOpen(topic) && _compiled!.MayPublish(topic);
            Remember(topic, verdict);
            return verdict;
        }

        private void Remember(ReadOnlySpan<byte> topic, bool verdict)
        {
            if (_lastTopic.Length == 0)
                _lastTopic = new byte[LongestRemembered];
            _lastLength = topic.Length <= LongestRemembered ? topic.Length : 0;
            topic[.._lastLength].CopyTo(_lastTopic);
            _lastVerdict = verdict;
        }

        public bool MaySubscribe(ClientIdentity _, string filter, QoS qos) => rules.MaySubscribe(client, filter, qos);
    }
}
