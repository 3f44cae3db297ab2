using Microsoft.Extensions.DependencyInjection;
using Orleans.Mqtt.Gateway.Hosting;
using Orleans.Mqtt.Security;

namespace Orleans.Mqtt.Gateway.Security;

/// <summary>Brings in the authenticator, the authentication methods and the authorizer of an assembly that the settings name.</summary>
internal static class OwnProviders
{
    private static readonly Type[] _plugIns = [typeof(IAuthenticator), typeof(IAuthenticationMethod), typeof(IAuthorizer)];

    /// <summary>Each public class of it that implements one of the interfaces; their constructors may ask for anything.</summary>
    /// <exception cref="StartFailure">The assembly cannot be loaded, or has nothing to offer.</exception>
    public static void AddFrom(IServiceCollection services, string path)
    {
        var found = 0;
        foreach (var type in OwnAssembly.Load("Security:Provider", path).GetExportedTypes().Where(type => type is { IsClass: true, IsAbstract: false }))
        {
            foreach (var plugIn in _plugIns.Where(plugIn => plugIn.IsAssignableFrom(type)))
            {
                services.AddSingleton(plugIn, type);
                found++;
            }
        }

        if (found == 0)
            throw new StartFailure($"Security:Provider {path}: no public class in it is an IAuthenticator, an IAuthenticationMethod or an IAuthorizer");
    }
}
