namespace Orleans.Mqtt.Grains.Delivery;

/// <summary>Something that happens once, and that ends the wait for calls which nobody will answer any more.</summary>
internal sealed class Signal
{
    private readonly TaskCompletionSource _set = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Set() => _set.TrySetResult();

    /// <summary>The call's result, or an exception when the signal is set first.</summary>
    public async Task<T> Race<T>(Task<T> call)
    {
        await RaceAsync(call);
        return await call;
    }

    public Task Race(Task call) => RaceAsync(call);

    private async Task RaceAsync(Task call)
    {
        if (!call.IsCompleted && await Task.WhenAny(call, _set.Task) == _set.Task)
        {
            _ = call.ContinueWith(late => late.Exception, TaskScheduler.Default); // it may still fail, and nobody cares
            throw new OperationCanceledException("It is gone.");
        }

        await call;
    }
}
