namespace Orleans.Mqtt.Security;

/// <summary>
/// A way to authenticate in several steps (MQTT 5, section 4.12). The plug-in point for own ones: register an implementation
/// before the gateway is added, or name its assembly in Security:Provider. Clients that name it in CONNECT are asked here and
/// not by the <see cref="IAuthenticator"/>.
/// </summary>
public interface IAuthenticationMethod
{
    /// <summary>As clients spell it in CONNECT, such as "SCRAM-SHA-256". An own one goes before a built-in one of the same name.</summary>
    string Name { get; }

    /// <summary>
    /// For each CONNECT, and again when a client that is in authenticates anew: then the user name is the proven one, there is
    /// no password, and whoever turns out to be another user is disconnected. Must not block.
    /// </summary>
    IAuthenticationExchange Begin(Credentials credentials);
}

/// <summary>One client's way through a method. It may be left at any step without a word.</summary>
public interface IAuthenticationExchange
{
    /// <summary>
    /// Takes what the client has sent, null when it sent nothing; one call at a time. Must not block. When
    /// <paramref name="patience"/> ends, the client has gone or has waited for Gateway:ConnectTimeout. What is thrown is logged,
    /// and refuses with <c>ServerUnavailable</c>.
    /// </summary>
    ValueTask<AuthenticationStep> Advance(ReadOnlyMemory<byte>? data, CancellationToken patience);
}
