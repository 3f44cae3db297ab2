namespace Orleans.Mqtt.Tests.Support.Audit;

/// <summary>One connection of a client, from its CONNECT to its end. Numbers begin at 1 and rise over all clients.</summary>
internal sealed class Visit(int number, string clientId, Func<long> clock)
{
    public int Number => number;

    public string ClientId => clientId;

    /// <summary>Before the CONNECT was sent.</summary>
    public long BegunAt { get; } = clock();

    /// <summary>When the CONNACK was there; 0 when it never came.</summary>
    public long WelcomedAt { get; private set; }

    public void Welcome() => WelcomedAt = clock();
}
