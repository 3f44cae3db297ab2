namespace Orleans.Mqtt.Security;

/// <summary>Who is at the other end of a connection.</summary>
[GenerateSerializer, Immutable, Alias("mqtt.client-identity")]
public sealed record ClientIdentity([property: Id(0)] string ClientId, [property: Id(1)] string? UserName)
{
    /// <summary>
    /// True when the user name was proven. Where anybody may come in, a client can call itself what it likes: then the name
    /// is for people, and no access rule goes by it.
    /// </summary>
    [Id(2)]
    public bool IsAuthenticated { get; init; }

    /// <summary>Access rules do not bind it.</summary>
    [Id(3)]
    public bool IsSuperuser { get; init; }

    /// <summary>Groups that the authenticator puts the client in; an access rule names one as "@ROLE".</summary>
    [Id(4)]
    public IReadOnlyList<string> Roles { get; init; } = [];
}
