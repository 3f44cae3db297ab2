using Microsoft.Extensions.Hosting;

namespace Orleans.Mqtt.Gateway.Connections;

/// <summary>
/// One ticker for all connections, with a wheel: a keep-alive costs nothing until it may have run out, and then two numbers
/// compared. What is due later than the wheel reaches is looked at once a turn.
/// </summary>
internal sealed class Heartbeat(TimeProvider time) : BackgroundService
{
    public const int TicksPerSecond = 4;

    /// <summary>Ticks of one turn: 128 s.</summary>
    public const int Turn = 512;

    internal const int Unwatched = -1;

    private const int InHand = -2; // being looked at; whoever unwatches it meanwhile is not put back

    private readonly Lock _gate = new();
    private readonly Overdue?[] _wheel = new Overdue?[Turn];
    private readonly List<Overdue> _due = [];
    private volatile int _now;

    /// <summary>Quarter seconds since the start.</summary>
    public int Now => _now;

    /// <summary>The first tick at which that time is over.</summary>
    public int In(TimeSpan wait) => _now + (int)(wait.TotalSeconds * TicksPerSecond) + 1;

    /// <summary>Looks at it at that tick at the latest.</summary>
    public void Watch(Overdue connection, int tick)
    {
        lock (_gate)
        {
            var lookAt = Within(tick);
            if (connection.LookAt >= 0)
            {
                if (connection.LookAt <= lookAt)
                    return;
                Unlink(connection);
            }

            if (tick != Overdue.Never)
                Link(connection, lookAt);
        }
    }

    public void Unwatch(Overdue connection)
    {
        lock (_gate)
        {
            if (connection.LookAt >= 0)
                Unlink(connection);
            connection.LookAt = Unwatched;
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var began = time.GetTimestamp();
        using var ticks = new PeriodicTimer(TimeSpan.FromSeconds(1.0 / TicksPerSecond), time);
        while (await ticks.WaitForNextTickAsync(stoppingToken))
        {
            // From the clock, not by counting: ticks that were missed still are time that has passed.
            Advance((int)(time.GetElapsedTime(began).TotalSeconds * TicksPerSecond));
        }
    }

    internal void Advance(int now)
    {
        TakeDue(now);
        foreach (var connection in _due)
            PutBack(connection, connection.Check(now));
        _due.Clear();
    }

    private void TakeDue(int now)
    {
        lock (_gate)
        {
            for (var tick = Math.Max(_now + 1, now - Turn + 1); tick <= now; tick++)
            {
                while (_wheel[tick % Turn] is { } connection)
                {
                    Unlink(connection);
                    connection.LookAt = InHand;
                    _due.Add(connection);
                }
            }

            _now = now;
        }
    }

    private void PutBack(Overdue connection, int tick)
    {
        lock (_gate)
        {
            if (connection.LookAt == Unwatched)
                return;

            if (connection.LookAt == InHand)
                connection.LookAt = Unwatched;
            Watch(connection, tick); // a later tick may have been asked for meanwhile
        }
    }

    private int Within(int tick) => Math.Clamp(tick, _now + 1, _now + Turn - 1);

    private void Link(Overdue connection, int tick)
    {
        ref var first = ref _wheel[tick % Turn];
        connection.LookAt = tick;
        connection.Next = first;
        if (first is not null)
            first.Previous = connection;
        first = connection;
    }

    private void Unlink(Overdue connection)
    {
        if (connection.Previous is { } previous)
            previous.Next = connection.Next;
        else
            _wheel[connection.LookAt % Turn] = connection.Next;
        if (connection.Next is { } next)
            next.Previous = connection.Previous;
        connection.Previous = connection.Next = null;
    }
}
