namespace Orleans.Mqtt.Tests.Cluster;

/// <summary>Waits for a condition, for as long as a slow machine may take.</summary>
internal static class Waiting
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan _tick = TimeSpan.FromMilliseconds(50);

    public static async Task UntilAsync(Func<Task<bool>> isSo)
    {
        using var patience = new CancellationTokenSource(_patience);
        using var ticks = new PeriodicTimer(_tick);
        while (!await isSo())
            await ticks.WaitForNextTickAsync(patience.Token);
    }
}
