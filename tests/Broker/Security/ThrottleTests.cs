using Orleans.Mqtt.Tests.Support;
using Xunit;

namespace Orleans.Mqtt.Tests.Broker.Security;

/// <summary>Those who guess.</summary>
public sealed class ThrottleTests
{
    private const int Unavailable = 3;

    [Fact]
    public async Task Who_guesses_too_often_is_not_listened_to_but_who_was_in_before_is()
    {
        TestBroker.MosquittoDiffers("it has no such limit");
        using var folder = new TempFolder();
        var passwords = folder.File("passwords");
        await Passwords.SetAsync(passwords, "alice", "secret of alice");
        await Passwords.SetAsync(passwords, "bob", "secret of bob");
        await using var broker = await TestBroker.StartAsync(
            "--password-file", passwords, "--Security:MaximumFailuresPerMinute", "2"); // one more each half minute
        await using (await broker.ConnectAsync(GuardedBroker.As("alice")))
        {
            // now she is known
        }

        for (var i = 0; i < 2; i++)
            await ExpectRefusalAsync(broker, GuardedBroker.As("bob", $"guess {i}"), 4);

        await ExpectRefusalAsync(broker, GuardedBroker.As("bob", "guess"), Unavailable);
        await ExpectRefusalAsync(broker, GuardedBroker.As("bob"), Unavailable);
        await using var alice = await broker.ConnectAsync(GuardedBroker.As("alice"));
    }

    private static async Task ExpectRefusalAsync(TestBroker broker, ConnectOptions options, int code)
    {
        await using var client = await broker.OpenAsync();
        await client.ExpectRefusalAsync(options, code);
    }
}
