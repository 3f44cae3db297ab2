using Orleans.Mqtt.Gateway.Security;
using Xunit;

namespace Orleans.Mqtt.Tests.Unit.Gateway.Security;

public class PasswordFileTests
{
    [Fact]
    public void Users_stand_in_lines_among_comments()
    {
        var file = PasswordFile.Parse($"# users\n\nalice:{Hash("a")}\r\nbob:{Hash("b")}\n");

        Assert.Equal(["alice", "bob"], file.Users);
        Assert.True(Passes(file, "alice", "a"));
        Assert.False(Passes(file, "alice", "b"));
        Assert.False(Passes(file, "carol", "a"));
        Assert.False(Passes(file, "", ""));
    }

    [Theory]
    [InlineData("alice", "line 1")]
    [InlineData(":x", "line 1")]
    [InlineData("# c\nalice:letmein", "line 2")]
    public void A_line_that_is_none_is_named_and_not_quoted(string text, string where)
    {
        var wrong = Assert.Throws<FormatException>(() => PasswordFile.Parse(text));

        Assert.Contains(where, wrong.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("letmein", wrong.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_user_has_one_line() => Assert.Throws<FormatException>(
        () => PasswordFile.Parse($"alice:{Hash("a")}\nalice:{Hash("a")}"));

    [Fact]
    public void Somebody_unknown_costs_what_somebody_known_costs_and_always_the_same()
    {
        var file = PasswordFile.Parse(string.Join('\n', Enumerable.Range(1, 20).Select(i => $"user{i}:{Hash("a", i * 10)}")));

        var costs = Enumerable.Range(0, 200).Select(i => file.Find($"stranger{i}")).ToArray();

        Assert.All(costs, found => Assert.False(found.IsKnown));
        Assert.All(costs, found => Assert.Contains(found.Entry.Hash.Iterations, Enumerable.Range(1, 20).Select(i => i * 10)));
        Assert.True(costs.Select(found => found.Entry.Hash.Iterations).Distinct().Count() > 5);
        Assert.Same(file.Find("stranger").Entry, file.Find("stranger").Entry);
    }

    [Fact]
    public void A_file_without_users_still_costs_what_a_hash_costs() =>
        Assert.Equal(PasswordHash.DefaultIterations, PasswordFile.Parse("").Find("alice").Entry.Hash.Iterations);

    [Fact]
    public void A_password_that_was_right_is_recognised_until_it_changes()
    {
        var alice = $"alice:{Hash("a")}";
        using var files = new TempFile(alice + $"\nbob:{Hash("b")}");
        var before = PasswordFile.Read(files.Path);
        var entry = before.Find("alice").Entry;
        Assert.False(entry.Recognises("a"u8));
        entry.Remember("a"u8);
        before.Find("bob").Entry.Remember("b"u8);
        Assert.True(entry.Recognises("a"u8));
        Assert.False(entry.Recognises("b"u8));

        files.Write(alice + $"\nbob:{Hash("b")}");
        var now = PasswordFile.Read(files.Path, before);

        Assert.True(now.Find("alice").Entry.Recognises("a"u8));
        Assert.False(now.Find("bob").Entry.Recognises("b"u8)); // the same password, but another hash
        Assert.True(now.HasSame("alice", before));
        Assert.False(now.HasSame("bob", before));
        Assert.False(now.HasSame("carol", before));
    }

    private static string Hash(string password, int iterations = 10) =>
        PasswordHash.Create(System.Text.Encoding.UTF8.GetBytes(password), iterations).ToString();

    private static bool Passes(PasswordFile file, string user, string password)
    {
        var (entry, isKnown) = file.Find(user);
        return entry.Hash.Matches(System.Text.Encoding.UTF8.GetBytes(password)) && isKnown;
    }
}
