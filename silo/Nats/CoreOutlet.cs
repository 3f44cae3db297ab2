using NATS.Client.Core;

namespace Orleans.Mqtt.Silo.Nats;

/// <summary>To whoever is subscribed now. A server that answers a PING has read everything before it.</summary>
internal sealed class CoreOutlet(NatsConnection connection, TimeSpan timeout, TimeProvider time) : ICopyOutlet
{
    public bool RepeatsQoS0 => false;

    public bool IsUntried => false;

    public ValueTask SendAsync(int index, Copy copy, CancellationToken life) => connection.PublishAsync(
        copy.Subject!, copy.Payload, copy.Headers, serializer: NatsRawSerializer<ReadOnlyMemory<byte>>.Default,
        cancellationToken: life);

    public async ValueTask ConfirmAsync(MirrorRun run, CancellationToken life)
    {
        using var patience = new CancellationTokenSource(timeout, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(life, patience.Token);
        try
        {
            await connection.PingAsync(both.Token);
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested)
        {
            throw new TimeoutException("it does not answer");
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
