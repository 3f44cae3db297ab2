using System.Reflection;
using System.Text;
using Orleans.Mqtt.Tests.Support;

namespace Orleans.Mqtt.Tests.Broker.Conformance;

/// <summary>The statements of one standard, and the tests that name them.</summary>
internal sealed class ConformanceTable
{
    private const string OwnNamespace = "Orleans.Mqtt.Tests.Broker.";

    /// <summary>Tests below this namespace name statements of MQTT 5, all others those of MQTT 3.1.1.</summary>
    private const string Version5Namespace = OwnNamespace + "V5.";

    private readonly string _title;
    private readonly string _peer;
    private readonly bool _hasWordings;

    private ConformanceTable(string title, string resource, string file, string peer, bool isVersion5)
    {
        (_title, File, _peer, _hasWordings) = (title, file, peer, isVersion5);
        Statements = [.. Lines(resource).Where(line => line[0] != '#').Select(line => Read(line, isVersion5))];
        const BindingFlags Declared = BindingFlags.Instance | BindingFlags.Public | BindingFlags.DeclaredOnly;
        Tests = typeof(ConformanceTable).Assembly.GetTypes()
            .Where(type => type.FullName!.StartsWith(Version5Namespace, StringComparison.Ordinal) == isVersion5)
            .SelectMany(type => type.GetMethods(Declared))
            .SelectMany(method => method.GetCustomAttributes<SpecAttribute>()
                .SelectMany(spec => spec.Clauses)
                .Select(clause => (clause, Name: Name(method))))
            .ToLookup(pair => pair.clause, pair => pair.Name);
    }

    public static ConformanceTable Version311 { get; } = new(
        "Conformance with MQTT 3.1.1", "statements-3.1.1.txt", "conformance-3.1.1.md",
        """
        The tests themselves are tested against Mosquitto 2.0.11, where the two brokers
        agree (`ORLEANS_MQTT_TEST_PEER=mosquitto`).
        """, isVersion5: false);

    public static ConformanceTable Version5 { get; } = new(
        "Conformance with MQTT 5", "statements-5.txt", "conformance-5.md",
        """
        The tests were written from the text of the standard, and have not been
        held against another broker. MQTTnet and Mosquitto's clients are peers of their own in `V5.Interop`.
        """, isVersion5: true);

    /// <summary>Where it stands in docs/.</summary>
    public string File { get; }

    public IReadOnlyList<Statement> Statements { get; }

    /// <summary>By the number of the statement.</summary>
    public ILookup<string, string> Tests { get; }

    public string ToMarkdown()
    {
        var text = new StringBuilder($"""
            # {_title}

            Each normative statement of the standard, the tests in `tests/Broker` that hold the broker to it, and what
            there is to say about it. {_peer} This page is written by `ConformanceTests`
            (`ORLEANS_MQTT_UPDATE_DOCS=1`), which also fails when it is out of date.

            {Statements.Count} statements, {Statements.Count(each => Tests.Contains(each.Number))} of them tested.

            | statement |{(_hasWordings ? " in short |" : "")} tests | remark |
            |---|---|---|{(_hasWordings ? "---|" : "")}

            """);
        foreach (var (number, wording, remark) in Statements)
        {
            var tests = Tests[number].Order(StringComparer.Ordinal).Select(name => $"`{name}`");
            text.Append($"| {number} |{(_hasWordings ? $" {wording} |" : "")} {string.Join("<br>", tests)} | {remark} |\n");
        }

        return text.ToString().ReplaceLineEndings("\n");
    }

    private static string[] Lines(string resource)
    {
        using var stream = typeof(ConformanceTable).Assembly.GetManifestResourceStream(resource)
            ?? throw new InvalidOperationException($"there is no resource {resource}");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    private static Statement Read(string line, bool hasWording)
    {
        var parts = line.Split(" | ");
        return hasWording
            ? new Statement(parts[0], parts[1], parts.Length > 2 ? parts[2] : "")
            : new Statement(parts[0], "", parts.Length > 1 ? parts[1] : "");
    }

    private static string Name(MethodInfo method) =>
        $"{method.DeclaringType?.FullName?.Replace(OwnNamespace, "", StringComparison.Ordinal)}.{method.Name}";
}
