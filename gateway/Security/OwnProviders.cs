using System.Reflection;
using System.Runtime.Loader;
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
        foreach (var type in TypesOf(path).Where(type => type is { IsClass: true, IsAbstract: false }))
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

    private static Type[] TypesOf(string path)
    {
        try
        {
            var full = Path.GetFullPath(path);
            if (!File.Exists(full))
                throw new FileNotFoundException("there is no such file");
            return new ProviderContext(full).LoadFromAssemblyPath(full).GetExportedTypes();
        }
        catch (Exception failure) when (failure is IOException or BadImageFormatException or TypeLoadException or InvalidOperationException)
        {
            throw new StartFailure($"Security:Provider {path}: {failure.Message}", failure);
        }
    }

    /// <summary>Its own libraries come from its own folder; what the broker has already is the broker's.</summary>
    private sealed class ProviderContext(string path) : AssemblyLoadContext(Path.GetFileNameWithoutExtension(path))
    {
        private readonly AssemblyDependencyResolver _resolver = new(path);

        protected override Assembly? Load(AssemblyName assemblyName)
        {
            try
            {
                return Default.LoadFromAssemblyName(assemblyName); // the interfaces must be the same types on both sides
            }
            catch (FileNotFoundException)
            {
                return _resolver.ResolveAssemblyToPath(assemblyName) is { } found ? LoadFromAssemblyPath(found) : null;
            }
        }
    }
}
