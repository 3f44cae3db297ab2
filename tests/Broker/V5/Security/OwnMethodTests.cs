using System.Security.Cryptography;
using System.Text;
using Orleans.Mqtt.Tests.Support;
using Xunit;

namespace Orleans.Mqtt.Tests.Broker.V5.Security;

/// <summary>An authentication method that is not ours: that of the sample, put in by a setting.</summary>
public sealed class OwnMethodTests
{
    private const string Key = "the key of the test";
    private const string Method = "TICKET";

    public OwnMethodTests() => TestBroker.MosquittoDiffers("it has plug-ins of another kind");

    [Fact, Spec("MQTT-4.12.0-1", "MQTT-4.12.0-2", "MQTT-4.12.0-5")]
    public async Task Who_knows_its_ticket_comes_in_with_the_rights_that_go_with_it()
    {
        await using var broker = await TestBroker.StartAsync(
            "--Security:Provider", TestBroker.Built("Orleans.Mqtt.Samples.TicketLogin"), "--Tickets:Key", Key,
            "--Access:Rules:0=allow @ticket-holder all users/%u/#");
        await using var client = await broker.OpenAsync();

        var welcome = await AnswerAsync(client, "alice", "alice");

        Assert.Equal((RawType.ConnAck, 0, Method), (welcome.Type, welcome.Reason, welcome.Properties.Find(Prop.AuthMethod)?.Text));
        await client.SendAsync(Packet.Subscribe(1, new Props(), ("users/alice/x", 0), ("users/bob/x", 0)));
        var granted = await client.AnswerAsync(RawType.SubAck, 1);
        Assert.Equal([0, 0x87], granted.Reasons);
        await using var thief = await broker.OpenAsync();
        Assert.Equal(0x87, (await AnswerAsync(thief, "bob", "alice")).Reason);
        await using var other = await broker.OpenAsync();
        await other.ExpectReasonedRefusalAsync(Packet.Connect(ConnectOptions.Version5 with
        {
            Properties = RawClient.Method([1]), // the password file and SCRAM are not asked any more
        }), 0x8C);
    }

    /// <summary>CONNECT as one user with the ticket of another, to the CONNACK.</summary>
    private static async Task<RawPacket> AnswerAsync(RawClient client, string user, string ticketOf)
    {
        var expiry = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() + 1000;
        var signature = HMACSHA256.HashData(Encoding.UTF8.GetBytes(Key), Encoding.UTF8.GetBytes($"{expiry}.{ticketOf}"));
        var ticket = Encoding.UTF8.GetBytes($"{expiry}.{Convert.ToBase64String(signature)}");
        var claim = Encoding.UTF8.GetBytes($"{expiry}.{user}");
        await client.SendAsync(Packet.Connect(ConnectOptions.Version5 with { Properties = RawClient.Method(claim, Method) }));
        var question = await client.ExpectAuthAsync(0x18, Method);
        await client.SendAsync(Packet.Auth(0x18, RawClient.Method(HMACSHA256.HashData(ticket, question), Method)));
        return await client.ReceiveAsync();
    }
}
