using Microsoft.Extensions.Options;

namespace Orleans.Mqtt.Gateway.Security;

/// <summary>
/// Checks passwords beside the threads that move messages, a few at once: strangers who guess must not take the machine
/// from those who are in.
/// </summary>
internal sealed class HashingQueue(IOptions<SecurityOptions> options) : IDisposable
{
    private readonly SemaphoreSlim _slots = new(options.Value.MaximumHashing);

    public async Task<bool> MatchesAsync(StoredPassword hash, ReadOnlyMemory<byte> password, CancellationToken patience)
    {
        await _slots.WaitAsync(patience);
        try
        {
            return await Task.Run(() => hash.Matches(password.Span), CancellationToken.None);
        }
        finally
        {
            _slots.Release();
        }
    }

    public void Dispose() => _slots.Dispose();
}
