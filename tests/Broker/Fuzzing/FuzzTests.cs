using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Orleans.Mqtt.Tests.Broker.Security;
using Orleans.Mqtt.Tests.Support;
using Xunit;

namespace Orleans.Mqtt.Tests.Broker.Fuzzing;

/// <summary>Nothing that comes from the network harms those who behave.</summary>
public sealed partial class FuzzTests
{
    private const int Enough = 100;

    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(8);
    private static readonly int Seed = int.Parse(
        Environment.GetEnvironmentVariable("ORLEANS_MQTT_TEST_SEED") ?? "20240601", CultureInfo.InvariantCulture);

    [Fact, Spec("MQTT-4.8.0-1")]
    public Task Whatever_is_sent_others_are_served() =>
        ExpectServedAsync(seed => new Mutations(seed).Conversation());

    [Fact]
    public Task Whatever_properties_are_sent_others_are_served() =>
        ExpectServedAsync(seed => new Mutations5(seed).Conversation());

    [Fact]
    public async Task Whatever_is_said_in_an_authentication_others_are_served()
    {
        TestBroker.MosquittoDiffers("it has no SCRAM");
        using var folder = new TempFolder();
        await Passwords.SetScramAsync(folder.File("passwords"), "dave", "secret of dave");
        await ExpectServedAsync(
            seed => new MutationsOfScram(seed).Conversation(), "--password-file", folder.File("passwords"),
            "--allow-anonymous", "true", "--Security:MaximumFailuresPerMinute", "1000000");
    }

    private static async Task ExpectServedAsync(Func<int, IEnumerable<byte[]>> conversation, params string[] arguments)
    {
        await using var broker = await TestBroker.StartAsync(arguments);
        await using var alice = await broker.ConnectAsync();
        await using var bob = await broker.ConnectAsync();
        await alice.SubscribeAsync("good/news", 2);
        using var end = new CancellationTokenSource();

        var attacked = new int[8];
        var attacks = attacked.Select((_, lane) => AttackAsync(broker, conversation, lane, attacked, end.Token)).ToList();
        var served = 0;
        for (var watch = Stopwatch.StartNew(); watch.Elapsed < Duration || attacked.Sum() <= Enough; served++)
        {
            await ServeAsync(alice, bob, qos: served % 3);
            if (attacks.Find(attack => attack.IsFaulted) is { } failed)
                await failed;
        }

        await end.CancelAsync();
        await Task.WhenAll(attacks);
        await ServeAsync(alice, bob, qos: 2);

        TestContext.Current.SendDiagnosticMessage($"{attacked.Sum()} hostile connections, {served} messages");
        Assert.True(broker.IsAlive, string.Join('\n', broker.Output));
        var faults = broker.Output.SkipWhile(line => !OurFault().IsMatch(line)).Take(30);
        Assert.True(!faults.Any(), string.Join('\n', faults));
        await using var newcomer = await broker.ConnectAsync();
        await newcomer.ExpectNothingAsync();
    }

    private static async Task ServeAsync(RawClient alice, RawClient bob, int qos)
    {
        await bob.PublishAsync("good/news", "good", qos);
        var heard = await alice.HearAsync();
        Assert.Equal(("good/news", "good", qos), (heard.Topic, heard.Text, heard.QoS));
    }

    /// <summary>Counts its connections, each lane on its own.</summary>
    private static async Task AttackAsync(
        TestBroker broker, Func<int, IEnumerable<byte[]>> conversation, int lane, int[] counts, CancellationToken end)
    {
        for (var count = 0; !end.IsCancellationRequested; count = ++counts[lane])
        {
            await using var client = await broker.OpenAsync();
            foreach (var bytes in conversation(Seed + (lane * 1_000_003) + count))
                await client.SendAsync(bytes);
            if (count % 3 == 0)
                client.Abort();
        }
    }

    /// <summary>What only stands in a log when the broker, and not its client, made a mistake.</summary>
    [GeneratedRegex(@"\bunhandled\b|\bbug\b", RegexOptions.IgnoreCase)]
    private static partial Regex OurFault();
}
