using Microsoft.Extensions.Hosting;

namespace Orleans.Mqtt.Gateway.Connections;

/// <summary>Something whose silence has a limit.</summary>
internal interface IOverdue
{
    /// <summary>Closes if it has been silent for too long.</summary>
    void Check(int tick);
}

/// <summary>
/// One ticker for all connections: a keep-alive is two numbers compared four times a second, not a timer.
/// </summary>
internal sealed class Heartbeat(TimeProvider time) : BackgroundService
{
    public const int TicksPerSecond = 4;

    private readonly Lock _gate = new();
    private readonly HashSet<IOverdue> _watched = [];
    private IOverdue[] _snapshot = [];
    private volatile int _now;
    private bool _hasChanged;

    /// <summary>Quarter seconds since the start.</summary>
    public int Now => _now;

    public void Watch(IOverdue connection)
    {
        lock (_gate)
        {
            _watched.Add(connection);
            _hasChanged = true;
        }
    }

    public void Unwatch(IOverdue connection)
    {
        lock (_gate)
        {
            _watched.Remove(connection);
            _hasChanged = true;
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var began = time.GetTimestamp();
        using var ticks = new PeriodicTimer(TimeSpan.FromSeconds(1.0 / TicksPerSecond), time);
        while (await ticks.WaitForNextTickAsync(stoppingToken))
        {
            // From the clock, not by counting: ticks that were missed still are time that has passed.
            _now = (int)(time.GetElapsedTime(began).TotalSeconds * TicksPerSecond);
            foreach (var connection in Snapshot())
                connection.Check(_now);
        }
    }

    private IOverdue[] Snapshot()
    {
        lock (_gate)
        {
            if (_hasChanged)
                _snapshot = [.. _watched];
            _hasChanged = false;
            return _snapshot;
        }
    }
}
