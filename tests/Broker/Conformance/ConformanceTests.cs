using Xunit;

namespace Orleans.Mqtt.Tests.Broker.Conformance;

/// <summary>Keeps the tables in the documentation complete and true.</summary>
public sealed class ConformanceTests
{
    public static TheoryData<string> Versions => ["3.1.1", "5"];

    [Theory, MemberData(nameof(Versions))]
    public void Every_statement_has_a_test_or_a_reason_why_not(string version)
    {
        var table = Table(version);
        Assert.DoesNotContain(table.Statements, each => each.Remark.Length == 0 && !table.Tests.Contains(each.Number));
    }

    [Theory, MemberData(nameof(Versions))]
    public void Every_number_that_a_test_names_is_in_the_standard(string version)
    {
        // Numbers of other editions have another prefix.
        var named = Table(version).Tests
            .Select(group => group.Key)
            .Where(key => key.StartsWith("MQTT-", StringComparison.Ordinal));

        Assert.Empty(named.Except(Table(version).Statements.Select(each => each.Number)));
    }

    [Theory, MemberData(nameof(Versions))]
    public async Task The_table_in_the_documentation_is_up_to_date(string version)
    {
        var file = Path.Combine(Root(), "docs", Table(version).File);
        var table = Table(version).ToMarkdown();
        if (Environment.GetEnvironmentVariable("ORLEANS_MQTT_UPDATE_DOCS") == "1")
            await File.WriteAllTextAsync(file, table, TestContext.Current.CancellationToken);

        Assert.Equal(table, await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken));
    }

    private static ConformanceTable Table(string version) =>
        version == "5" ? ConformanceTable.Version5 : ConformanceTable.Version311;

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Orleans.Mqtt.sln")))
            folder = folder.Parent ?? throw new InvalidOperationException("there is no Orleans.Mqtt.sln above");
        return folder.FullName;
    }
}
