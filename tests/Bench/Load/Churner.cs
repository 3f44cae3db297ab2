namespace Orleans.Mqtt.Tests.Bench.Load;

/// <summary>Connects, is accepted, says goodbye, and comes again as somebody else.</summary>
internal sealed class Churner(LoadThread thread, string clientId) : Client(thread, clientId, isClean: true)
{
    private int _life;
    private volatile bool _isOver;

    /// <summary>Comes again until this is set.</summary>
    public bool IsLastLife { get; set; }

    public bool IsOver => _isOver;

    protected override string ClientId => $"{base.ClientId}-{_life}";

    protected override void OnConnected(bool isSessionPresent)
    {
        Thread.NoteConnect();
        Leave();
        _life++;
        if (IsLastLife)
            _isOver = true;
        else
            Open();
    }
}
