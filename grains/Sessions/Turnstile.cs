namespace Orleans.Mqtt.Grains.Sessions;

/// <summary>One step after the other in a reentrant grain. Lives on the grain's scheduler, so it needs no lock.</summary>
internal sealed class Turnstile
{
    private Task _last = Task.CompletedTask;

    public async Task<T> RunAsync<T>(Func<Task<T>> step)
    {
        var before = _last;
        var done = new TaskCompletionSource();
        _last = done.Task;
        await before;
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
