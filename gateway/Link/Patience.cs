using Microsoft.Extensions.Logging;
using Orleans.Mqtt.Sessions;

namespace Orleans.Mqtt.Gateway.Link;

/// <summary>
/// Calls a grain until it answers. A call that failed may have taken effect, so only what may be repeated is called like
/// this; a session that another connection has taken over is not asked again.
/// </summary>
internal static class Patience
{
    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(200);

    public static async Task<T> UntilDoneAsync<T>(
        Func<Task<T>> call, TimeProvider time, ILogger log, CancellationToken gone)
    {
        while (true)
        {
            try
            {
                return await call();
            }
            catch (Exception failure) when (failure is not StaleEpochException)
            {
                gone.ThrowIfCancellationRequested(); // nobody minds the failure any more
                log.SessionNotReached(failure.Message);
            }

            await Task.Delay(_pause, time, gone);
        }
    }

    public static Task UntilDoneAsync(Func<Task> call, TimeProvider time, ILogger log, CancellationToken gone) =>
        UntilDoneAsync(
            async () =>
            {
                await call();
                return true;
            },
            time, log, gone);
}
