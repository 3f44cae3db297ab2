using Microsoft.Extensions.Hosting;

namespace Orleans.Mqtt.Gateway.Files;

/// <summary>
/// Looks at the watched files twice a second. Asking is cheap and works everywhere; notices of the file system do not come
/// from network drives and mounted secrets.
/// </summary>
internal sealed class FileWatch(IEnumerable<IWatched> watched, TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(500);

    private readonly IWatched[] _watched = [.. watched];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (_watched.Length == 0)
            return;

        using var ticks = new PeriodicTimer(Pace, time);
        while (await ticks.WaitForNextTickAsync(stoppingToken))
        {
            foreach (var file in _watched)
                file.Look();
        }
    }
}
