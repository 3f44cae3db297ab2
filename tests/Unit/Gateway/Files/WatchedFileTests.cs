using Microsoft.Extensions.Logging.Abstractions;
using Orleans.Mqtt.Gateway.Files;
using Xunit;

namespace Orleans.Mqtt.Tests.Unit.Gateway.Files;

public sealed class WatchedFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("mqtt-test-").FullName;
    private readonly string _path;
    private readonly WatchedFile<string> _file;
    private readonly List<string> _changes = [];

    public WatchedFileTests()
    {
        _path = Path.Combine(_folder, "file");
        File.WriteAllText(_path, "one");
        _file = new WatchedFile<string>([_path], _ => Read(_path), NullLogger.Instance);
        _file.Changed += (before, now) => _changes.Add($"{before} to {now}");
    }

    [Fact]
    public void It_is_read_again_when_two_looks_show_the_same_change()
    {
        _file.Look();
        Assert.Equal("one", _file.Current);

        File.WriteAllText(_path, "three");
        _file.Look();
        Assert.Equal("one", _file.Current);
        _file.Look();
        _file.Look();

        Assert.Equal("three", _file.Current);
        Assert.Equal(["one to three"], _changes);
    }

    [Fact]
    public void What_cannot_be_read_leaves_the_old_in_force_until_it_can()
    {
        File.WriteAllText(_path, "wrong");
        LookTwice();
        Assert.Equal("one", _file.Current);

        File.Delete(_path);
        LookTwice();
        Assert.Equal("one", _file.Current);

        File.WriteAllText(_path, "right again");
        LookTwice();
        Assert.Equal("right again", _file.Current);
    }

    [Fact]
    public void A_link_that_leads_elsewhere_is_a_change()
    {
        var (first, second, link) = (Path.Combine(_folder, "1"), Path.Combine(_folder, "2"), Path.Combine(_folder, "link"));
        File.WriteAllText(first, "same");
        File.Copy(first, second);
        File.SetLastWriteTimeUtc(second, File.GetLastWriteTimeUtc(first));
        File.CreateSymbolicLink(link, first);
        var reads = 0;
        var file = new WatchedFile<string>([link], _ => $"{Read(link)} {++reads}", NullLogger.Instance);

        File.Delete(link);
        File.CreateSymbolicLink(link, second);
        file.Look();
        file.Look();

        Assert.Equal("same 2", file.Current);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private void LookTwice()
    {
        _file.Look();
        _file.Look();
    }

    private static string Read(string path) => File.ReadAllText(path) is var text && text != "wrong"
        ? text
        : throw new FormatException("wrong");
}
