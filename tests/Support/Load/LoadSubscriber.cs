using Orleans.Mqtt.Tests.Support.Audit;

namespace Orleans.Mqtt.Tests.Support.Load;

/// <summary>A subscriber that stays, or that leaves now and then for a while, until it has all that was sent to it.</summary>
internal sealed class LoadSubscriber(
    IReadOnlyList<Entrance> entrances, int audience, Chronicle chronicle, LoadOptions options, bool comesAndGoes,
    int? member = null)
    : LoadListener(entrances, NameOf(chronicle.Audiences[audience], member), audience, chronicle, options)
{
    private const int LongestAbsenceMilliseconds = 1_500;

    private static readonly TimeSpan _glance = TimeSpan.FromMilliseconds(200);

    private readonly TaskCompletionSource _mayCome = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _isEnding;
    private volatile bool _isDead;
    private bool _hasLeft;

    /// <summary>Stays away after it has subscribed, until <see cref="ComeBack"/>.</summary>
    public bool StaysAway { get; init; }

    /// <summary>Its session ends with each connection.</summary>
    public bool IsClean { get; init; }

    protected override bool IsKept => !IsClean;

    public void ComeBack() => _mayCome.TrySetResult();

    /// <summary>Breaks its connection, and never comes again.</summary>
    public void Die() => _isDead = true;

    /// <summary>Stays until it has everything that was sent; nobody may publish any more when this is said.</summary>
    public override void End()
    {
        ComeBack();
        _isEnding = true;
    }

    protected override Task BeginAsync(Link link, CancellationToken cancellation) =>
        SubscribeAsync(link, visit: null, Audience.Spelled, cancellation);

    protected override async Task<bool> WorkAsync(Link link, Visit visit, CancellationToken cancellation)
    {
        if (IsClean)
            ForgetHeld();
        if (StaysAway && !_mayCome.Task.IsCompleted)
        {
            link.Say(Packet.Disconnect);
            await link.FlushAsync(cancellation);
            await _mayCome.Task.WaitAsync(cancellation);
            return false;
        }

        while (!_isEnding || HoldsAny || !Chronicle.HasAll(AudienceIndex))
        {
            if (_isDead)
            {
                link.Abort();
                return true;
            }

            if (!link.HasPacket)
                await link.FlushAsync(cancellation);

            // Not for ever: the end may be called while there is nothing to hear.
            if (!await link.WaitAsync(_glance, cancellation))
                continue;
            Handle(link, await link.HearAsync(cancellation), visit);
            if (!_isEnding && IsFedUp())
                await LeaveAsync(link, cancellation);
        }

        await link.FlushAsync(cancellation);
        return true;
    }

    private static string NameOf(Audience audience, int? member) =>
        member is null ? audience.ClientId : $"{audience.ClientId}.{member}";

    protected override TimeSpan Absence()
    {
        var pause = _hasLeft ? TimeSpan.FromMilliseconds(Random.Next(LongestAbsenceMilliseconds)) : base.Absence();
        _hasLeft = false;
        return pause;
    }

    private async Task LeaveAsync(Link link, CancellationToken cancellation)
    {
        _hasLeft = comesAndGoes;
        if (Random.Next(2) == 0)
        {
            link.Abort();
            return;
        }

        link.Say(Packet.Disconnect);
        await link.FlushAsync(cancellation);
        throw new LinkLostException("we left");
    }
}
