using System.Text;
using Orleans.Mqtt.Silo.Nats;

namespace Orleans.Mqtt.Tests.Nats.Support;

/// <summary>A connection that breaks when a test wants it to.</summary>
internal sealed class FakeOutlet : ICopyOutlet
{
    public bool RepeatsQoS0 { get; set; }

    public bool IsUntried { get; set; }

    public int BreaksAfter { get; set; } = int.MaxValue;

    public bool FailsToConfirm { get; set; }

    public List<string> Sent { get; } = [];

    public List<string> Identities { get; } = [];

    public ValueTask SendAsync(int index, Copy copy, CancellationToken life)
    {
        if (Sent.Count >= BreaksAfter)
            throw new IOException("broken");

        Sent.Add(Encoding.UTF8.GetString(copy.Payload.Span));
        Identities.Add(copy.Headers[MessageHeaders.MessageId].ToString());
        return ValueTask.CompletedTask;
    }

    public ValueTask ConfirmAsync(MirrorRun run, CancellationToken life) =>
        FailsToConfirm ? throw new IOException("broken") : ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
