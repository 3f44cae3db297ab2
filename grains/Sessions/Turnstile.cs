namespace Orleans.Mqtt.Grains.Sessions;

/// <summary>One step after the other in a reentrant grain. Lives on the grain's scheduler, so it needs no lock.</summary>
internal sealed class Turnstile
{
    private Task _last = Task.CompletedTask;
    private int _waiting;

    /// <summary>Someone wants to go through after the step that is under way.</summary>
    public bool HasWaiting => _waiting > 0;

    public async Task<T> RunAsync<T>(Func<Task<T>> step)
    {
        var before = _last;
        var done = new TaskCompletionSource();
        _last = done.Task;
        _waiting++;
        await before;
        _waiting--;
        try
        {
            return await step();
        }
        finally
        {
            done.SetResult();
        }
    }

    public Task RunAsync(Func<Task> step) =>
        RunAsync(async () =>
        {
            await step();
            return true;
        });
}
