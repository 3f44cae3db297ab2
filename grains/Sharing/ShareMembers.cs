using Orleans.Mqtt.Messages;
using Orleans.Mqtt.Protocol;

namespace Orleans.Mqtt.Grains.Sharing;

/// <summary>
/// Who is in a share, and whose turn it is. Members that are away get nothing. One that is slow may have as much waiting as
/// keeps the turns even in a burst; beyond, it is passed over. Pure: no storage, no clock, no Orleans.
/// </summary>
/// <param name="strategy">How the next one is chosen.</param>
/// <param name="readAhead">Messages that may wait for members in memory, divided by those that are connected.</param>
internal sealed class ShareMembers(ShareStrategy strategy, int readAhead)
{
    private readonly Dictionary<string, ShareMember> _byClient = [];
    private ShareMember[] _online = [];
    private ShareMember? _favourite;
    private int _turn = -1;

    public IReadOnlyCollection<ShareMember> All => _byClient.Values;

    /// <summary>Those that a message can be given to.</summary>
    public IReadOnlyList<ShareMember> Online => _online;

    /// <summary>The highest QoS granted to those that are not leaving; null when there is none.</summary>
    public QoS? HighestQoS { get; private set; }

    public ShareMember? Find(string clientId) => _byClient.GetValueOrDefault(clientId);

    public void Add(ShareMember member)
    {
        _byClient.Add(member.ClientId, member);
        Refresh();
    }

    public void Remove(ShareMember member)
    {
        _byClient.Remove(member.ClientId);
        Refresh();
    }

    /// <summary>To be called when a member has come, gone or begun to leave.</summary>
    public void Refresh()
    {
        // In an order that does not depend on who came when: hashes must find the same member after a restart.
        HighestQoS = HighestQoSWithout(null);
        _online = [.. _byClient.Values
            .Where(member => member.Link is not null && IsActive(member))
            .OrderBy(member => member.ClientId, StringComparer.Ordinal)];
        if (_favourite is not null && Array.IndexOf(_online, _favourite) < 0)
            _favourite = null;
    }

    public QoS? HighestQoSWithout(ShareMember? leaving) => _byClient.Values
        .Where(member => member != leaving && IsActive(member))
        .Max(member => (QoS?)member.QoS);

    /// <summary>Who gets the message; null when nobody can take one more.</summary>
    public ShareMember? Choose(in MessageRecord record)
    {
        if (_online.Length == 0)
            return null;

        var start = strategy.Start(record, ref _turn, _online.Length);
        var chosen = strategy switch
        {
            ShareStrategy.Sticky => ChooseSticky(start),
            ShareStrategy.LeastInFlight => ChooseLeast(start),
            _ => ChooseFrom(start),
        };
        if (chosen < 0)
            return null;

        // The turn goes on behind who was chosen: else whoever follows one that is passed over would have two turns.
        _turn = chosen;
        return _online[chosen];
    }

    private static bool IsActive(ShareMember member) => !member.Membership.IsLeaving;

    private bool HasRoom(ShareMember member) => member.Held < member.Link!.Window + (readAhead / _online.Length) + 1;

    private int ChooseFrom(int start)
    {
        for (var i = 0; i < _online.Length; i++)
        {
            var at = (start + i) % _online.Length;
            if (HasRoom(_online[at]))
                return at;
        }

        return -1;
    }

    private int ChooseLeast(int start)
    {
        var least = -1;
        for (var i = 0; i < _online.Length; i++)
        {
            var at = (start + i) % _online.Length;
            if (HasRoom(_online[at]) && (least < 0 || _online[at].Held < _online[least].Held))
                least = at;
        }

        return least;
    }

    private int ChooseSticky(int start)
    {
        _favourite ??= _online[start];
        return HasRoom(_favourite) ? Array.IndexOf(_online, _favourite) : ChooseFrom(start);
    }
}
