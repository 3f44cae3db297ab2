using Xunit;

namespace Orleans.Mqtt.Tests.Support;

/// <summary>Waits for what is bound to come about by itself; only a test that fails waits to the end.</summary>
public static class Eventually
{
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan _tick = TimeSpan.FromMilliseconds(20);

    /// <param name="isSo">Asked again and again.</param>
    /// <param name="otherwise">What there is to say when it never is so.</param>
    public static async Task ThatAsync(Func<Task<bool>> isSo, Func<string>? otherwise = null)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(_patience);
        using var ticks = new PeriodicTimer(_tick);
        while (!await isSo())
        {
            Assert.False(patience.IsCancellationRequested, $"it never came to that; {otherwise?.Invoke()}");
            await ticks.WaitForNextTickAsync(CancellationToken.None);
        }
    }

    /// <inheritdoc cref="ThatAsync(Func{Task{bool}}, Func{string}?)"/>
    public static Task ThatAsync(Func<bool> isSo, Func<string>? otherwise = null) =>
        ThatAsync(() => Task.FromResult(isSo()), otherwise);
}
