using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Options;

namespace Orleans.Mqtt.Gateway.Security;

/// <summary>
/// Counts failed logins by address. A login counts as failed until it has succeeded, so that a thousand guesses at once
/// are not a thousand first ones. What is counted runs off at the pace of the limit.
/// </summary>
internal sealed class Throttle(IOptions<SecurityOptions> options, TimeProvider time)
{
    /// <summary>Addresses that are remembered; with more of them failing at once, the newest are not counted.</summary>
    public const int MaximumAddresses = 100_000;

    private const int SiteBytes = 8;

    private readonly int _limit = options.Value.MaximumFailuresPerMinute;
    private readonly Lock _gate = new();
    private readonly Dictionary<IPAddress, Failures> _byAddress = [];
    private long _swept = time.GetTimestamp();

    public int Count
    {
        get
        {
            lock (_gate)
                return _byAddress.Count;
        }
    }

    /// <summary>Counts one more; false when there are too many already.</summary>
    public bool TryBegin(IPAddress address)
    {
        lock (_gate)
        {
            var site = SiteOf(address);
            var failures = Of(site);
            if (failures.Count > _limit - 1)
                return false;

            if (_byAddress.ContainsKey(site) || HasRoom())
                _byAddress[site] = failures with { Count = failures.Count + 1 };
            return true;
        }
    }

    /// <summary>The login has succeeded, or was not judged at all.</summary>
    public void Forgive(IPAddress address)
    {
        lock (_gate)
        {
            var site = SiteOf(address);
            var failures = Of(site);
            if (failures.Count <= 1)
                _byAddress.Remove(site);
            else
                _byAddress[site] = failures with { Count = failures.Count - 1 };
        }
    }

    /// <summary>Who has one address of IPv6 has the 2^64 beside it, too.</summary>
    private static IPAddress SiteOf(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
            return address.MapToIPv4();
        if (address.AddressFamily is not AddressFamily.InterNetworkV6)
            return address;

        var bytes = address.GetAddressBytes();
        bytes.AsSpan(SiteBytes).Clear();
        return new IPAddress(bytes);
    }

    private Failures Of(IPAddress site)
    {
        var now = time.GetTimestamp();
        return _byAddress.TryGetValue(site, out var failures)
            ? new Failures(RunOff(failures, now), now)
            : new Failures(0, now);
    }

    private double RunOff(Failures failures, long now) =>
        Math.Max(0, failures.Count - (time.GetElapsedTime(failures.At, now).TotalMinutes * _limit));

    private bool HasRoom()
    {
        if (_byAddress.Count < MaximumAddresses)
            return true;

        // A sweep looks at everything, so there is one a second at most.
        var now = time.GetTimestamp();
        if (time.GetElapsedTime(_swept, now) < TimeSpan.FromSeconds(1))
            return false;

        _swept = now;
        foreach (var (site, failures) in _byAddress)
        {
            if (RunOff(failures, now) == 0)
                _byAddress.Remove(site);
        }

        return _byAddress.Count < MaximumAddresses;
    }

    private readonly record struct Failures(double Count, long At);
}
