namespace Orleans.Mqtt.Tests.Support.Load;

/// <summary>A port where clients can connect, and what a client must know to judge the end of its connection.</summary>
internal sealed class Entrance(int port)
{
    private int _troubles;

    public int Port => port;

    /// <summary>Rises before what is behind the port is killed, stopped or held up.</summary>
    public int Troubles => Volatile.Read(ref _troubles);

    public void NoteTrouble() => Interlocked.Increment(ref _troubles);
}
