using System.Reflection;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using Orleans.Mqtt.Client;
using Orleans.Mqtt.Gateway;
using Orleans.Mqtt.Grains;
using Orleans.Mqtt.Protocol;
using Orleans.Mqtt.Sessions;
using Orleans.Mqtt.Silo;
using Orleans.Mqtt.Tests.Support;
using Xunit;

namespace Orleans.Mqtt.Tests.Unit;

/// <summary>The walls of the house.</summary>
public class ArchitectureTests
{
    private const int MostLines = 300;

    private static readonly Assembly _contracts = typeof(ISessionGrain).Assembly;

    private static readonly Assembly[] _rooms =
    [
        typeof(QoS).Assembly, _contracts, typeof(ClientHosting).Assembly, typeof(GrainsHosting).Assembly,
        typeof(GatewayHosting).Assembly, typeof(EmbeddedStore).Assembly,
    ];

    [Theory]
    [InlineData("Protocol", new string[0], new[] { "Orleans", "Microsoft", "StackExchange" })]
    [InlineData("Contracts", new[] { "Protocol" }, new[] { "Microsoft.AspNetCore", "StackExchange", "Orleans.Server" })]
    [InlineData("Client", new[] { "Protocol", "Contracts" }, new[] { "Microsoft.AspNetCore", "Orleans.Runtime", "Orleans.Server" })]
    [InlineData("Grains", new[] { "Protocol", "Contracts" }, new[] { "Microsoft.AspNetCore" })]
    // A gateway of its own finds its cluster through Redis, and keeps nothing there.
    [InlineData("Gateway", new[] { "Protocol", "Contracts", "Client" }, new[] { "Orleans.Runtime", "Orleans.Server" })]
    public void A_room_opens_only_into_the_rooms_below_it(string room, string[] below, string[] never)
    {
        var references = _rooms.Single(assembly => assembly.GetName().Name == $"Orleans.Mqtt.{room}")
            .GetReferencedAssemblies()
            .Select(assembly => assembly.Name!)
            .ToArray();
        var opensInto = references
            .Where(name => name.StartsWith("Orleans.Mqtt.", StringComparison.Ordinal))
            .Select(name => name["Orleans.Mqtt.".Length..]);

        Assert.Subset(below.ToHashSet(), opensInto.ToHashSet());
        Assert.All(
            references.Where(name => !name.StartsWith("Orleans.Mqtt.", StringComparison.Ordinal)),
            name => Assert.DoesNotContain(never, start => name.StartsWith(start, StringComparison.Ordinal)));
    }

    [Fact]
    public void No_file_is_longer_than_the_wall()
    {
        string[] folders = ["interfaces", "grains", "gateway", "silo"];
        var files = folders
            .SelectMany(folder => Directory.EnumerateFiles(Path.Combine(BuiltProgram.Root().FullName, folder), "*.cs", SearchOption.AllDirectories))
            .ToArray();

        Assert.True(files.Length > 100);
        Assert.DoesNotContain(files, file => File.ReadLines(file).Count() > MostLines);
    }

    [Fact]
    public void What_crosses_a_process_is_named_for_ever()
    {
        var types = _rooms.SelectMany(assembly => assembly.GetTypes()).ToArray();
        var named = types
            .Where(type => type.IsInterface && type.IsAssignableTo(typeof(IAddressable)))
            .SelectMany(grain => grain.GetMethods().Prepend<MemberInfo>(grain))
            .Concat(types.Where(type => type.IsDefined(typeof(GenerateSerializerAttribute))))
            .ToArray();

        Assert.True(named.Length > 30);
        Assert.Empty(named.Where(member => !member.IsDefined(typeof(AliasAttribute))).Select(member => $"{member.DeclaringType}.{member.Name}"));
    }

    [Fact]
    public void No_name_is_given_twice()
    {
        var types = _rooms.SelectMany(assembly => assembly.GetTypes()).Where(type => !IsGenerated(type)).ToArray();
        Assert.Empty(Repeated(types.Select(type => type.GetCustomAttribute<AliasAttribute>()?.Alias).OfType<string>()));
        foreach (var grain in types.Where(type => type.IsInterface && type.IsAssignableTo(typeof(IAddressable))))
            Assert.Empty(Repeated(grain.GetMethods().Select(method => method.GetCustomAttribute<AliasAttribute>()!.Alias)));
    }

    [Fact]
    public void What_is_serialized_is_immutable_and_its_members_are_numbered_once()
    {
        var types = _contracts.GetTypes().Where(type => type.IsDefined(typeof(GenerateSerializerAttribute))).ToArray();
        Assert.All(
            types.Where(type => !type.IsAssignableTo(typeof(Exception)) && !type.IsValueType),
            type => Assert.True(type.IsDefined(typeof(ImmutableAttribute)), type.Name));
        foreach (var type in types)
        {
            var ids = type.GetMembers(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)
                .Select(member => member.GetCustomAttribute<IdAttribute>()?.Id)
                .Where(id => id is not null);
            Assert.Empty(Repeated(ids.Select(id => $"{type.Name}.{id}")));
        }
    }

    [Fact]
    public void An_event_number_is_given_once()
    {
        var events = _rooms.SelectMany(assembly => assembly.GetTypes())
            .SelectMany(type => type.GetMethods(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic))
            .Select(method => method.GetCustomAttribute<LoggerMessageAttribute>())
            .OfType<LoggerMessageAttribute>()
            .Select(message => message.EventId)
            .ToArray();

        Assert.True(events.Length > 10);
        Assert.All(events, id => Assert.InRange(id, 1000, 3999));
        Assert.Empty(Repeated(events.Select(id => $"{id}")));
    }

    private static bool IsGenerated(Type type) =>
        type.IsDefined(typeof(CompilerGeneratedAttribute)) || type.Namespace?.StartsWith("OrleansCodeGen", StringComparison.Ordinal) == true;

    private static IEnumerable<string> Repeated(IEnumerable<string> names) =>
        names.GroupBy(name => name).Where(same => same.Count() > 1).Select(same => same.Key);
}
