namespace Orleans.Mqtt.Tests.Support.Audit;

/// <summary>What a message owes its audience, as far as its sender knows.</summary>
internal enum Duty : byte
{
    /// <summary>It may arrive: nobody has taken it on yet.</summary>
    May,

    /// <summary>It was acknowledged, or the connection whose will it is was lost: it must arrive.</summary>
    Must,

    /// <summary>The client said goodbye and the broker heard it: its will must not arrive.</summary>
    MustNot,

    /// <summary>Nobody can tell any more, whatever else is learnt of it.</summary>
    Excused,
}

/// <summary>One message of a stream: when it was first sent, on which connection, and what became of it there.</summary>
internal readonly record struct Sending(long At, int Visit)
{
    public Duty Duty { get; init; }

    /// <summary>The connection on which it was acknowledged; 0 while it was not.</summary>
    public int AcknowledgedIn { get; init; }
}
