using System.Text;
using Orleans.Mqtt.Silo;
using StackExchange.Redis;

namespace Orleans.Mqtt.Tests.Store;

public sealed class EngineTests
{
    [Fact]
    public async Task A_write_that_was_cut_off_is_forgotten_and_the_rest_is_kept()
    {
        using var folder = new TestFolder();
        await Write(folder, "a", "b");
        var log = Assert.Single(Directory.GetFiles(folder.Path, "*.log"));
        var whole = new FileInfo(log).Length;
        await Write(folder, "c");
        for (var length = whole; length < whole + 20; length++)
        {
            using (var file = File.OpenHandle(log, FileMode.Open, FileAccess.Write))
                RandomAccess.SetLength(file, length);

            Assert.Equal("1,1,-", await Read(folder, "a", "b", "c"));
            Assert.Equal(whole, new FileInfo(log).Length);
        }

        await Write(folder, "c");
        Assert.Equal("1,1,1", await Read(folder, "a", "b", "c"));
    }

    [Fact]
    public async Task A_run_of_zeros_behind_the_log_is_no_entry()
    {
        using var folder = new TestFolder();
        await Write(folder, "a");
        await File.AppendAllBytesAsync(
            Assert.Single(Directory.GetFiles(folder.Path, "*.log")), new byte[5_000], TestContext.Current.CancellationToken);

        Assert.Equal("1", await Read(folder, "a"));
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task A_snapshot_that_is_damaged_or_missing_stops_the_start(bool isThere)
    {
        using var folder = new TestFolder();
        var limits = new EmbeddedStoreOptions { LogLimitBytes = 1_048_576, UpkeepInterval = TimeSpan.FromMilliseconds(100) };
        await using (var store = EmbeddedStore.Start(folder.Path, limits))
        await using (var client = await ConnectionMultiplexer.ConnectAsync(store.Configuration))
        {
            for (var number = 0; Directory.GetFiles(folder.Path, "*.snapshot").Length is 0; number++)
                await client.GetDatabase().StringSetAsync($"k{number}", new byte[50_000]);
        }

        var snapshot = Directory.GetFiles(folder.Path, "*.snapshot").Order().Last();
        if (isThere)
            Damage(snapshot);
        else
            File.Delete(snapshot);

        var refused = Assert.Throws<DataFolderException>(() => EmbeddedStore.Start(folder.Path));
        Assert.Contains("damaged", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_log_that_breaks_off_before_another_one_stops_the_start()
    {
        using var folder = new TestFolder();
        await Write(folder, "a", "b");
        var first = Assert.Single(Directory.GetFiles(folder.Path, "*.log"));
        File.Copy(first, Path.Combine(folder.Path, "000000000002.log"));
        using (var file = File.OpenHandle(first, FileMode.Open, FileAccess.Write))
            RandomAccess.SetLength(file, RandomAccess.GetLength(file) - 3);

        Assert.Throws<DataFolderException>(() => EmbeddedStore.Start(folder.Path));
    }

    [Fact]
    public async Task A_snapshot_that_was_not_finished_is_ignored()
    {
        using var folder = new TestFolder();
        await Write(folder, "a");
        await File.WriteAllTextAsync(
            Path.Combine(folder.Path, "000000000002.unfinished"), "half", TestContext.Current.CancellationToken);

        Assert.Equal("1", await Read(folder, "a"));
        Assert.Empty(Directory.GetFiles(folder.Path, "*.unfinished"));
    }

    [Theory, InlineData("*1\r\n$-1\r\n"), InlineData("*1\r\n$9999999999\r\n"), InlineData("GET / HTTP/1.1\r\n\r\n"), InlineData("*100\r\n"), InlineData("*1\r\n$2000\r\n")]
    public async Task A_stranger_is_shut_out_whatever_it_sends(string bytes)
    {
        using var folder = new TestFolder();
        await using var store = EmbeddedStore.Start(folder.Path);
        using var socket = new System.Net.Sockets.Socket(System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Tcp);
        await socket.ConnectAsync(store.Configuration.EndPoints[0], TestContext.Current.CancellationToken);

        await socket.SendAsync(Encoding.ASCII.GetBytes(bytes), TestContext.Current.CancellationToken);

        Assert.Equal(0, await socket.ReceiveAsync(new byte[10], TestContext.Current.CancellationToken));
    }

    private static void Damage(string path)
    {
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite);
        RandomAccess.Write(file, [0xAA, 0x55], RandomAccess.GetLength(file) / 2);
    }

    private static async Task Write(TestFolder folder, params string[] keys)
    {
        await using var store = EmbeddedStore.Start(folder.Path);
        await using var client = await ConnectionMultiplexer.ConnectAsync(store.Configuration);
        foreach (var key in keys)
            await client.GetDatabase().StringSetAsync(key, "1");
    }

    private static async Task<string> Read(TestFolder folder, params string[] keys)
    {
        await using var store = EmbeddedStore.Start(folder.Path);
        await using var client = await ConnectionMultiplexer.ConnectAsync(store.Configuration);
        var values = await client.GetDatabase().StringGetAsync([.. keys.Select(key => (RedisKey)key)]);
        return string.Join(',', values.Select(value => value.IsNull ? "-" : value.ToString()));
    }
}
