using System.Threading.Channels;
using Orleans.Mqtt.Ingress;
using Xunit;

namespace Orleans.Mqtt.Tests.Unit.Gateway.Link;

/// <summary>Answers envelopes when and as the test says.</summary>
internal sealed class ScriptedSilo
{
    private readonly Channel<Sent> _sent = Channel.CreateUnbounded<Sent>();

    public ScriptedSilo() => Grain = FakeGrain.Of<IIngressGrain>(
        (nameof(IIngressGrain.Publish), args => Take((PublicationEnvelope)args[0]!, isAnnounced: false)),
        (nameof(IIngressGrain.Announce), args => Take((PublicationEnvelope)args[0]!, isAnnounced: true)));

    public IIngressGrain Grain { get; }

    private Task<IngressAnswer> Take(PublicationEnvelope envelope, bool isAnnounced)
    {
        var sent = new Sent(envelope, isAnnounced);
        _sent.Writer.TryWrite(sent);
        return sent.Answered;
    }

    public Task<Sent> NextAsync() => _sent.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask().Soon();
}

/// <summary>An envelope that waits for the answer.</summary>
internal sealed class Sent(PublicationEnvelope envelope, bool isAnnounced)
{
    private readonly TaskCompletionSource<IngressAnswer> _answered = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public PublicationEnvelope Envelope => envelope;

    public bool IsAnnounced => isAnnounced;

    public Task<IngressAnswer> Answered => _answered.Task;

    public List<string> Payloads
    {
        get
        {
            var payloads = new List<string>();
            foreach (var record in envelope.Records)
                payloads.Add(Records.PayloadOf(record));
            return payloads;
        }
    }

    public void Answer(IngressAnswer answer) => _answered.SetResult(answer);

    public void Fail() => _answered.SetException(new TimeoutException());
}
