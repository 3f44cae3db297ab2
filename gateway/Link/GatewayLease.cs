using Microsoft.Extensions.Options;

namespace Orleans.Mqtt.Gateway.Link;

/// <summary>
/// Whether the cluster knows that this gateway lives. Acknowledgements wait for that: a process that hung may have been given
/// up, and its clients be at other gateways, where a newer connection has been welcomed (promise P5).
/// </summary>
internal sealed class GatewayLease(IOptions<GatewayOptions> options, TimeProvider time)
{
    private readonly Lock _gate = new();
    private TaskCompletionSource? _news;
    private long _renewed;
    private bool _isLost;

    /// <summary>The cluster has heard of us within the lease.</summary>
    public bool IsHeld => Interlocked.Read(ref _renewed) is not 0 and var at && time.GetElapsedTime(at) < options.Value.Lease;

    /// <summary>Ends at once while the lease is held, else when it is known whether it is.</summary>
    public ValueTask UntilKnownAsync()
    {
        if (IsHeld)
            return ValueTask.CompletedTask;

        lock (_gate)
        {
            if (_isLost || IsHeld)
                return ValueTask.CompletedTask;
            _news ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return new ValueTask(_news.Task);
        }
    }

    /// <summary>A silo has said that we live.</summary>
    /// <param name="asked">When it was asked: it may have answered then, and we have hung since.</param>
    public void Renew(long asked)
    {
        lock (_gate)
        {
            Interlocked.Exchange(ref _renewed, asked);
            if (!IsHeld)
                return;

            _isLost = false;
            Tell();
        }
    }

    /// <summary>Others may have our sessions, and we have closed all connections.</summary>
    public void Lose()
    {
        lock (_gate)
        {
            Interlocked.Exchange(ref _renewed, 0);
            _isLost = true;
            Tell();
        }
    }

    private void Tell()
    {
        _news?.TrySetResult();
        _news = null;
    }
}
