using System.Security.Cryptography;
using System.Text;
using Orleans.Mqtt.Tests.Support;
using Xunit;

namespace Orleans.Mqtt.Tests.Broker.Security;

/// <summary>An authenticator that is not ours: the sample, put in by a setting.</summary>
public sealed class OwnProviderTests
{
    private const string Key = "the key of the test";

    public OwnProviderTests() => TestBroker.MosquittoDiffers("it has plug-ins of another kind");

    [Fact]
    public async Task Who_has_a_ticket_comes_in_with_the_rights_that_go_with_it()
    {
        var port = FreePorts.Take();
        await using var broker = await TestBroker.StartAsync(
            "--listen", $"tcp://0.0.0.0:{port}", // an authenticator is there, so strangers may knock
            "--Security:Provider", TestBroker.Built("Orleans.Mqtt.Samples.TicketLogin"), "--Tickets:Key", Key,
            "--Access:Rules:0=allow @ticket-holder all users/%u/#");
        var later = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() + 1000;
        await using var client = await RawClient.OpenAsync(port);
        await client.ConnectAsync(GuardedBroker.As("alice", Ticket("alice", later)));

        var answers = await client.AskAsync(("users/alice/x", 0), ("users/bob/x", 0));

        Assert.Equal([0, 0x80], answers);
        await ExpectRefusalAsync(port, GuardedBroker.As("bob", Ticket("alice", later)));
        await ExpectRefusalAsync(port, GuardedBroker.As("alice", Ticket("alice", later - 2000)));
        await ExpectRefusalAsync(port, new ConnectOptions());
    }

    private static string Ticket(string user, long expiry)
    {
        var signature = HMACSHA256.HashData(Encoding.UTF8.GetBytes(Key), Encoding.UTF8.GetBytes($"{expiry}.{user}"));
        return $"{expiry}.{Convert.ToBase64String(signature)}";
    }

    private static async Task ExpectRefusalAsync(int port, ConnectOptions options)
    {
        await using var client = await RawClient.OpenAsync(port);
        await client.ExpectRefusalAsync(options, 4);
    }
}
