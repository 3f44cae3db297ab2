namespace Orleans.Mqtt.Tests.Nats.Support;

/// <summary>Waits for what is bound to come; only a test that fails waits to the end.</summary>
internal static class Eventually
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);

    public static async Task ThatAsync(Func<Task<bool>> isSo, Func<string>? otherwise = null)
    {
        using var patience = new CancellationTokenSource(_patience);
        using var ticks = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (!await isSo())
        {
            Assert.False(patience.IsCancellationRequested, $"it never came to that; {otherwise?.Invoke()}");
            await ticks.WaitForNextTickAsync(CancellationToken.None);
        }
    }

    public static Task ThatAsync(Func<bool> isSo, Func<string>? otherwise = null) =>
        ThatAsync(() => Task.FromResult(isSo()), otherwise);
}
