using System.Diagnostics;
using System.Globalization;
using Orleans.Mqtt.Grains.Storage;
using Orleans.Mqtt.Silo;
using StackExchange.Redis;
using static Orleans.Mqtt.Tests.Store.TestStore;

namespace Orleans.Mqtt.Tests.Store;

public sealed class EmbeddedStoreTests
{
    private static readonly EmbeddedStoreOptions _smallLimits = new()
    {
        LogLimitBytes = 16 * 1024 * 1024,
        UpkeepInterval = TimeSpan.FromMilliseconds(200),
    };

    [Fact]
    public async Task A_folder_has_one_broker()
    {
        using var folder = new TestFolder();
        await using var first = EmbeddedStore.Start(folder.Path);

        var refused = Assert.Throws<DataFolderException>(() => EmbeddedStore.Start(folder.Path));

        Assert.Contains("Another broker", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_that_cannot_be_written_is_named_with_the_way_out()
    {
        using var folder = new TestFolder();
        var file = Path.Combine(folder.Path, "file");
        File.WriteAllText(file, "");

        var refused = Assert.Throws<DataFolderException>(() => EmbeddedStore.Start(Path.Combine(file, "data")));

        Assert.Contains("--data", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nobody_gets_in_without_the_password()
    {
        using var folder = new TestFolder();
        await using var embedded = EmbeddedStore.Start(folder.Path);
        var stranger = embedded.Configuration;
        stranger.Password = "guessed";
        stranger.AbortOnConnectFail = true;
        stranger.ConnectRetry = 1;
        stranger.ConnectTimeout = 1_000;

        await Assert.ThrowsAsync<RedisConnectionException>(() => ConnectionMultiplexer.ConnectAsync(stranger));
    }

    [Fact]
    public async Task Overwriting_for_long_leaves_the_folder_bounded_and_the_data_whole()
    {
        using var folder = new TestFolder();
        var largest = 0L;
        await using (var embedded = EmbeddedStore.Start(folder.Path, _smallLimits))
        await using (var store = await Open(embedded.Configuration, "p"))
        {
            // 150 MB through a store that holds 2 MB; claims and deletions leave dead records in memory as well.
            for (var round = 0; round < 30; round++)
            {
                await Task.WhenAll(Enumerable.Range(0, 100).Select(client => Churn(store, $"client{client}", round)));
                largest = Math.Max(largest, folder.Size);
                await Task.Delay(50, TestContext.Current.CancellationToken); // the upkeep has its turns, as in a longer run
            }
        }

        Assert.InRange(largest, 1, 250_000_000);
        await using (var embedded = EmbeddedStore.Start(folder.Path, _smallLimits))
        await using (var store = await Open(embedded.Configuration, "p"))
        {
            for (var client = 0; client < 100; client++)
            {
                var claim = await store.Claim($"client{client}", firstRecords: 10);
                Assert.Equal("29", Assert.Single(Texts(claim.FirstRecords)));
                Assert.Equal("29", Assert.Single(Texts(claim.Fields.Select(field => field.Value))));
            }
        }
    }

    [Fact]
    public async Task Data_larger_than_the_limits_is_kept_and_recovered()
    {
        using var folder = new TestFolder();
        await using (var embedded = EmbeddedStore.Start(folder.Path, _smallLimits))
        await using (var store = await Open(embedded.Configuration, "p"))
        {
            for (var part = 0; part < 20; part++)
            {
                await Task.WhenAll(Enumerable.Range(0, 500).Select(async client =>
                {
                    var claim = await store.Claim($"client{part}-{client}");
                    await store.Sessions.Commit(claim, new SessionChange
                    {
                        Append = [new byte[3_000], Bytes($"{part}-{client}")],
                        Set = [new(Bytes("f"), Bytes($"{part}-{client}"))],
                    });
                }));
            }
        }

        await using (var embedded = EmbeddedStore.Start(folder.Path, _smallLimits))
        await using (var store = await Open(embedded.Configuration, "p"))
        {
            for (var client = 0; client < 10_000; client++)
            {
                var name = string.Create(CultureInfo.InvariantCulture, $"{client / 500}-{client % 500}");
                var claim = await store.Claim($"client{name}", firstRecords: 3);
                Assert.Equal([new string('\0', 3_000), name], Texts(claim.FirstRecords));
                Assert.Equal(name, Assert.Single(Texts(claim.Fields.Select(field => field.Value))));
            }
        }
    }

    [Theory, InlineData(1L << 30, 1_500), InlineData(4L << 20, 4_000)]
    public async Task Killed_hard_it_has_all_that_was_acknowledged(long logLimit, int milliseconds)
    {
        using var folder = new TestFolder();
        for (var life = 0; life < 3; life++)
        {
            var acknowledged = await RunChild(folder.Path, logLimit, TimeSpan.FromMilliseconds(milliseconds));
            Assert.NotEmpty(acknowledged);
            await using var embedded = EmbeddedStore.Start(folder.Path);
            await using var store = await Open(embedded.Configuration, options: new StoreOptions { Prefix = "child" });
            foreach (var (client, last) in acknowledged)
            {
                var claim = await store.Claim(client, firstRecords: int.MaxValue);
                Assert.True(claim.QueueLength > last, $"{client}: {claim.QueueLength} records, {last} was acknowledged");
                Assert.Equal(
                    Enumerable.Range(0, (int)claim.QueueLength).Select(number => number.ToString(CultureInfo.InvariantCulture)),
                    Texts(claim.FirstRecords).Select(record => record.TrimEnd()));
                Assert.Equal(
                    (claim.QueueLength - 1).ToString(CultureInfo.InvariantCulture),
                    Assert.Single(Texts(claim.Fields.Select(field => field.Value))));
            }
        }
    }

    private static async Task Churn(TestStore store, string clientId, int round)
    {
        var claim = await store.Claim(clientId);
        await store.Sessions.Commit(claim, new SessionChange
        {
            Append = [new byte[50_000], Bytes(round.ToString(CultureInfo.InvariantCulture))],
            Trim = (int)claim.QueueLength + 1,
            Set = [new(Bytes("f"), Bytes(round.ToString(CultureInfo.InvariantCulture)))],
        });
        for (var passing = 0; passing < 4; passing++)
            await store.Sessions.Delete(await store.Claim($"{clientId}-{passing}"));
    }

    /// <summary>Lets another process write for a while, kills it, and returns the last number it was sure of by client.</summary>
    private static async Task<Dictionary<string, long>> RunChild(string folder, long logLimit, TimeSpan life)
    {
        using var child = Process.Start(new ProcessStartInfo("dotnet")
        {
            ArgumentList =
            {
                Path.Combine(AppContext.BaseDirectory, "Orleans.Mqtt.Tests.StoreChild.dll"),
                folder,
                logLimit.ToString(CultureInfo.InvariantCulture),
            },
            RedirectStandardOutput = true,
        })!;
        var acknowledged = new Dictionary<string, long>();
        var deadline = long.MaxValue;
        while (await child.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
        {
            if (line.Split(' ') is [var client, var number]) // the last line may be broken off
                acknowledged[client] = long.Parse(number, CultureInfo.InvariantCulture);

            if (deadline is long.MaxValue)
                deadline = Environment.TickCount64 + (long)life.TotalMilliseconds;

            if (Environment.TickCount64 > deadline)
            {
                child.Kill(); // SIGKILL; what it had said is still read to the end
                deadline = long.MaxValue - 1;
            }
        }

        await child.WaitForExitAsync(TestContext.Current.CancellationToken);
        return acknowledged;
    }
}
