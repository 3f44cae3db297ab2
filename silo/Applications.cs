using Orleans.Mqtt.Gateway.Hosting;
using Orleans.Serialization;

namespace Orleans.Mqtt.Silo;

/// <summary>Grains that are not ours, in assemblies that the settings name: Applications:Assemblies:0 and so on.</summary>
internal static class Applications
{
    private const string Setting = "Applications:Assemblies";

    /// <exception cref="StartFailure">One cannot be loaded.</exception>
    public static void AddApplications(this WebApplicationBuilder builder)
    {
        foreach (var path in builder.Configuration.GetSection(Setting).Get<string[]>() ?? [])
        {
            var assembly = OwnAssembly.Load(Setting, path);
            builder.Services.AddSerializer(serializer => serializer.AddAssembly(assembly)); // also tells Orleans of its grains
        }
    }
}
