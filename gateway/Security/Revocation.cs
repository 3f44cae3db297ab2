using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Mqtt.Gateway.Connections;
using Orleans.Mqtt.Gateway.Files;
using Orleans.Mqtt.Protocol;

namespace Orleans.Mqtt.Gateway.Security;

/// <summary>Closes the connections of users whose password is no longer what they have proven.</summary>
internal sealed class Revocation(
    WatchedFile<PasswordFile> passwords, ConnectionTable connections, ILogger<Revocation> log) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        passwords.Changed += Revoke;
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        passwords.Changed -= Revoke;
        return Task.CompletedTask;
    }

    private void Revoke(PasswordFile before, PasswordFile now)
    {
        var revoked = before.Users.Where(user => !now.HasSame(user, before)).ToHashSet();
        if (revoked.Count == 0)
            return;

        var affected = Array.FindAll(connections.All, connection =>
            connection.Client is { IsAuthenticated: true, UserName: { } user } && revoked.Contains(user));
        foreach (var connection in affected)
            connection.Close(ReasonCode.NotAuthorized);
        log.PasswordsRevoked(affected.Length);
    }
}
