namespace Orleans.Mqtt.Security;

/// <summary>
/// May this one come in? The plug-in point for own logins: one is asked for every CONNECT. Register an implementation
/// before the gateway is added, or name its assembly in Security:Provider; it then replaces the built-in one.
/// </summary>
public interface IAuthenticator
{
    /// <summary>
    /// Called by many connections at once; must not block. When <paramref name="patience"/> ends, the client has gone or has
    /// waited for Gateway:ConnectTimeout. What is thrown is logged, and refuses with <c>ServerUnavailable</c>.
    /// </summary>
    ValueTask<LoginVerdict> Authenticate(Credentials credentials, CancellationToken patience);
}
