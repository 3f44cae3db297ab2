namespace Orleans.Mqtt.Tests.Support.Load;

/// <summary>A port where clients can connect, and what a client must know to judge the end of its connection.</summary>
internal sealed class Entrance(int port)
{
    private int _troubles;
    private volatile bool _isInTrouble;

    public int Port => port;

    /// <summary>Rises before what is behind the port is killed, stopped or held up.</summary>
    public int Troubles => Volatile.Read(ref _troubles);

    public void NoteTrouble() => Interlocked.Increment(ref _troubles);

    /// <summary>Until it is over: what was held up may still find out that its lease has ended, and close its connections.</summary>
    public void BeginTrouble()
    {
        _isInTrouble = true;
        NoteTrouble();
    }

    public void EndTrouble()
    {
        NoteTrouble();
        _isInTrouble = false;
    }

    /// <summary>Whether nothing has happened to it since there were so many troubles.</summary>
    public bool IsCalmSince(int troubles) => !_isInTrouble && Troubles == troubles;
}
