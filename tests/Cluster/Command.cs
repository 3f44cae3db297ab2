namespace Orleans.Mqtt.Tests.Cluster;

/// <summary>A storm or a measurement as the command line names it. It runs to true when no promise was broken.</summary>
internal sealed record Command(
    string Name, string What, Switch[] Switches, Func<Arguments, Task<bool>> RunAsync)
{
    public override string ToString() =>
        string.Join('\n', Switches.Select(known => $"    {known.Name,-15} {known.What}").Prepend($"  {Name,-17} {What}"));
}

/// <summary>One thing that can be said about a command.</summary>
internal readonly record struct Switch(string Name, string What);
