using System.Net.Sockets;

namespace Orleans.Mqtt.Tests.Support;

/// <summary>Asks a silo or a gateway on its admin address whether clients are welcome.</summary>
internal static class AdminProbe
{
    private static readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(10) };

    /// <summary>False also when it does not listen yet, or does not answer.</summary>
    public static async Task<bool> IsReadyAsync(int adminPort)
    {
        try
        {
            using var answer = await _http.GetAsync($"http://127.0.0.1:{adminPort}/health/ready");
            return answer.IsSuccessStatusCode;
        }
        catch (Exception notYet) when (notYet is HttpRequestException or TaskCanceledException or SocketException)
        {
            return false;
        }
    }
}
