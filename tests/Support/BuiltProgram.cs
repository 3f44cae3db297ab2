namespace Orleans.Mqtt.Tests.Support;

/// <summary>The programs of the product, from the same build as the tests.</summary>
internal static class BuiltProgram
{
    public const string Silo = "Orleans.Mqtt.Silo";

    public const string Gateway = "Orleans.Mqtt.Gateway";

    /// <summary>Its own output folder is named by the configuration, and ours tells which one was built.</summary>
    public static string PathOf(string name)
    {
        var own = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));
        var program = Path.Combine(Root(own).FullName, "artifacts", "bin", name, own.Name, name + ".dll");
        return File.Exists(program)
            ? program
            : throw new InvalidOperationException($"build {name} as {own.Name} first: there is no {program}");
    }

    /// <summary>The folder of the solution.</summary>
    public static DirectoryInfo Root() => Root(new DirectoryInfo(AppContext.BaseDirectory));

    private static DirectoryInfo Root(DirectoryInfo own)
    {
        var root = own;
        while (root is not null && !File.Exists(Path.Combine(root.FullName, "Orleans.Mqtt.sln")))
            root = root.Parent;
        return root ?? throw new InvalidOperationException($"no Orleans.Mqtt.sln above {own.FullName}");
    }
}
