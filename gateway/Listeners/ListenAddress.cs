using System.Diagnostics.CodeAnalysis;
using System.Net;

namespace Orleans.Mqtt.Gateway.Listeners;

/// <summary>One address of the setting: tcp://ADDRESS:PORT, the address a number or "localhost" or "*".</summary>
public sealed record ListenAddress(string Text, IPEndPoint EndPoint)
{
    private const string Scheme = "tcp";
    private const int DefaultPort = 1883;

    /// <summary>Takes a comma-separated list apart; false, with the part that is wrong, if any is.</summary>
    public static bool TryParseAll(
        string text, [NotNullWhen(true)] out IReadOnlyList<ListenAddress>? addresses, [NotNullWhen(false)] out string? wrong)
    {
        var parsed = new List<ListenAddress>();
        addresses = parsed;
        wrong = null;
        foreach (var part in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (!TryParse(part, out var endPoint))
            {
                wrong = part;
                return false;
            }

            parsed.Add(new ListenAddress(part, endPoint));
        }

        wrong = parsed.Count == 0 ? text : null;
        return parsed.Count > 0;
    }

    private static bool TryParse(string text, [NotNullWhen(true)] out IPEndPoint? endPoint)
    {
        endPoint = null;
        if (!Uri.TryCreate(text.Replace("*", "0.0.0.0", StringComparison.Ordinal), UriKind.Absolute, out var uri)
            || uri.Scheme != Scheme)
        {
            return false;
        }

        var address = uri.Host == "localhost" ? IPAddress.Loopback : null;
        if (address is null && !IPAddress.TryParse(uri.DnsSafeHost, out address))
            return false;

        endPoint = new IPEndPoint(address, uri.Port < 0 ? DefaultPort : uri.Port);
        return true;
    }
}
