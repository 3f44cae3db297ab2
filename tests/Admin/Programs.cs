namespace Orleans.Mqtt.Tests.Admin;

/// <summary>The programs of the same build as the tests.</summary>
internal static class Programs
{
    public const string Silo = "Orleans.Mqtt.Silo", Gateway = "Orleans.Mqtt.Gateway";

    public static string Root { get; } = FindRoot();

    public static string PathOf(string program)
    {
        var configuration = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar)).Name;
        return Path.Combine(Root, "artifacts", "bin", program, configuration, program + ".dll");
    }

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Orleans.Mqtt.sln")))
            folder = folder.Parent;
        return folder?.FullName ?? throw new InvalidOperationException("There is no Orleans.Mqtt.sln above the tests.");
    }
}
