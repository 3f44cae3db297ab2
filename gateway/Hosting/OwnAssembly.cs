using System.Reflection;
using System.Runtime.Loader;

namespace Orleans.Mqtt.Gateway.Hosting;

/// <summary>Code that is not ours, in an assembly that a setting names.</summary>
internal static class OwnAssembly
{
    /// <exception cref="StartFailure">It cannot be loaded.</exception>
    public static Assembly Load(string setting, string path)
    {
        try
        {
            var full = Path.GetFullPath(path);
            if (!File.Exists(full))
                throw new FileNotFoundException("there is no such file");
            var assembly = new OwnContext(full).LoadFromAssemblyPath(full);
            _ = assembly.GetExportedTypes(); // what it lacks is to show here
            return assembly;
        }
        catch (Exception failure) when (failure is IOException or BadImageFormatException or TypeLoadException or InvalidOperationException)
        {
            throw new StartFailure($"{setting} {path}: {failure.Message}", failure);
        }
    }

    /// <summary>Its own libraries come from its own folder; what the broker has already is the broker's.</summary>
    private sealed class OwnContext(string path) : AssemblyLoadContext(Path.GetFileNameWithoutExtension(path))
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
