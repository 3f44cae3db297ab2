namespace Orleans.Mqtt.Grains.Routing;

/// <summary>
/// Whether the cluster still counts this silo as one of its own. One that hung, or was cut off, for so long that it was
/// given up finds on its return calls that were sent to it before, which have been made again elsewhere since: it must
/// not take sessions and slices from those who have them now to execute these.
/// </summary>
internal sealed class Standing(IClusterMembershipService membership, ILocalSiloDetails local, TimeProvider time)
{
    // Shorter than it takes to be given up, longer than a crowd that connects takes to ask again.
    private static readonly TimeSpan _validity = TimeSpan.FromMilliseconds(250);

    private long _confirmed;

    /// <summary>Throws when the silo has been given up.</summary>
    public async ValueTask DemandAsync()
    {
        var confirmed = Volatile.Read(ref _confirmed);
        if (confirmed != 0 && time.GetElapsedTime(confirmed) < _validity)
            return;

        var asked = time.GetTimestamp();
        await membership.Refresh(); // ends this process when the others have given it up, but not at once
        if (membership.CurrentSnapshot.GetSiloStatus(local.SiloAddress) is SiloStatus.Dead)
            throw new SiloUnavailableException($"Silo {local.SiloAddress} has been given up by the others.");
        Volatile.Write(ref _confirmed, asked);
    }
}
