using Microsoft.Extensions.Options;
using NATS.Client.Core;

namespace Orleans.Mqtt.Silo.Nats;

/// <summary>
/// One connection to NATS after the other: the mirror's copies go out over it, and what is to be published comes in.
/// </summary>
/// <remarks>
/// A connection is not repaired but replaced: what was in its buffers is gone with it, and the sender knows what to send again.
/// </remarks>
internal sealed class NatsBridge(
    NatsServers servers, NatsMirror mirror, NatsSender sender, NatsInlet inlet, IOptions<NatsOptions> options,
    NatsMetrics metrics, TimeProvider time, ILogger<NatsBridge> log) : BackgroundService, IHostedLifecycleService
{
    // The host gives everything together four seconds.
    private static readonly TimeSpan _farewell = TimeSpan.FromSeconds(1);

    // A server that refuses a subject says so for each message.
    private static readonly TimeSpan _silence = TimeSpan.FromSeconds(10);

    private long _said;
    private bool _isAway;

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Everything runs.</summary>
    public Task StartedAsync(CancellationToken cancellationToken)
    {
        inlet.Open();
        return Task.CompletedTask;
    }

    /// <summary>Nothing has stopped yet.</summary>
    public Task StoppingAsync(CancellationToken cancellationToken) => inlet.CloseAsync(_farewell);

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>It stops last, see <see cref="NatsHosting"/>: what the silo still had to say is sent before.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        if (sender.IsReady)
            await Task.WhenAny(mirror.Buffer.EmptiedAsync(), Task.Delay(_farewell, time, cancellationToken));
        if (mirror.Buffer.Bytes is > 0 and var bytes)
            log.BufferGivenUp(bytes);
        await base.StopAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await LiveAsync(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception failure)
            {
                if (!_isAway)
                    log.NatsAway(ReasonOf(failure), mirror.Buffer.Bytes);
                _isAway = true;
            }

            await Task.Delay(options.Value.ReconnectPause, time, stoppingToken).ContinueWith(
                _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        }
    }

    private async Task LiveAsync(CancellationToken stopping)
    {
        using var life = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        await using var connection = new NatsConnection(servers.Options);
        connection.ServerError += (_, said) =>
        {
            Say(said.Error);
            return ValueTask.CompletedTask;
        };
        await connection.ConnectAsync().AsTask().WaitAsync(stopping);
        connection.ConnectionDisconnected += async (_, _) => await life.CancelAsync();

        log.NatsConnected($"{connection.ServerInfo?.Host}:{connection.ServerInfo?.Port}");
        metrics.Connected();
        _isAway = false;
        try
        {
            Task[] parts = [sender.RunAsync(connection, life.Token), inlet.RunAsync(connection, life.Token)];
            await Task.WhenAny(parts);
            await life.CancelAsync();
            await Task.WhenAll(parts);
        }
        finally
        {
            metrics.Disconnected();
        }
    }

    private void Say(string error)
    {
        if (_said != 0 && time.GetElapsedTime(_said) < _silence)
            return;

        _said = time.GetTimestamp();
        log.NatsSays(error);
    }

    private static string ReasonOf(Exception failure) => failure switch
    {
        OperationCanceledException => "the connection broke",
        NatsException { InnerException: { } cause } => cause.Message,
        _ => failure.Message,
    };
}
