using Xunit;

namespace Orleans.Mqtt.Tests.Broker.Conformance;

/// <summary>Keeps the table in the documentation complete and true.</summary>
public sealed class ConformanceTests
{
    private static readonly ConformanceTable Table = new("statements-3.1.1.txt", isVersion5: false);

    [Fact]
    public void Every_statement_has_a_test_or_a_reason_why_not() =>
        Assert.DoesNotContain(Table.Statements, each => each.Remark.Length == 0 && !Table.Tests.Contains(each.Number));

    [Fact]
    public void Every_number_that_a_test_names_is_in_the_standard()
    {
        // Numbers of other editions have another prefix.
        var named = Table.Tests
            .Select(group => group.Key)
            .Where(key => key.StartsWith("MQTT-", StringComparison.Ordinal));

        Assert.Empty(named.Except(Table.Statements.Select(each => each.Number)));
    }

    [Fact]
    public async Task The_table_in_the_documentation_is_up_to_date()
    {
        var file = Path.Combine(Root(), "docs", "conformance-3.1.1.md");
        var table = Table.ToMarkdown("Conformance with MQTT 3.1.1");
        if (Environment.GetEnvironmentVariable("ORLEANS_MQTT_UPDATE_DOCS") == "1")
            await File.WriteAllTextAsync(file, table, TestContext.Current.CancellationToken);

        Assert.Equal(table, await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken));
    }

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Orleans.Mqtt.sln")))
            folder = folder.Parent ?? throw new InvalidOperationException("there is no Orleans.Mqtt.sln above");
        return folder.FullName;
    }
}
