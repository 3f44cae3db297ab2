using Orleans.Mqtt.Tests.Broker.Security;
using Orleans.Mqtt.Tests.Support;
using Xunit;

namespace Orleans.Mqtt.Tests.Broker.V5.Security;

/// <summary>Section 4.12.1: a client that is in proves anew who it is.</summary>
[Collection(nameof(GuardedBroker))]
public sealed class ReauthenticationTests
{
    private const int Malformed = 0x81;
    private const int ProtocolError = 0x82;
    private const int NotAuthorized = 0x87;

    private readonly GuardedBroker _broker;

    public ReauthenticationTests(GuardedBroker broker)
    {
        TestBroker.MosquittoDiffers("it has no SCRAM");
        _broker = broker;
    }

    /// <summary>What AUTH must not say to begin, and what it must not say next.</summary>
    public static TheoryData<bool, byte[]> OutOfPlace => new()
    {
        { false, Packet.Auth(0x18, RawClient.Method([1])) },
        { false, Packet.Auth(0x00, RawClient.Method([1])) },
        { false, Packet.Auth(0x19, RawClient.Method([1], "another")) },
        { false, Packet.Auth(0x19, new Props()) },
        { false, Packet.Of(0xF0) },
        { true, Packet.Auth(0x19, RawClient.Method([1])) },
        { true, Packet.Auth(0x00, RawClient.Method([1])) },
        { true, Packet.Auth(0x18, RawClient.Method([1], "another")) },
    };

    [Fact, Spec("MQTT-4.12.0-2", "MQTT-4.12.0-5", "MQTT-4.12.1-1")]
    public async Task Messages_go_on_while_a_client_proves_anew_and_it_may_do_so_again()
    {
        var topic = Unique.Topic("open/");
        await using var client = await ConnectAsync();
        await client.SubscribeAsync(topic);
        for (var round = 0; round < 2; round++)
        {
            var scram = new ScramClient("dave", "secret of dave");
            await client.SendAsync(Packet.Auth(0x19, RawClient.Method(scram.First())));
            var question = await client.ExpectAuthAsync(0x18);
            await client.PublishAsync(topic, $"meanwhile {round}", 1);
            await client.ExpectTextAsync($"meanwhile {round}");

            await client.SendAsync(Packet.Auth(0x18, RawClient.Method(scram.Final(question))));

            scram.ExpectSigned(await client.ExpectAuthAsync(0x00));
            await client.PublishAsync(topic, $"then {round}");
            await client.ExpectTextAsync($"then {round}");
        }
    }

    [Theory, Spec("MQTT-4.12.1-2")]
    [InlineData("dave", "a guess")]
    [InlineData("nobody at all", "a guess")]
    [InlineData("erin, or=so", "secret of erin")] // right, but somebody else
    public async Task When_it_fails_the_connection_ends(string user, string password)
    {
        var topic = Unique.Topic("open/");
        await using var witness = await _broker.ConnectAsync("bob");
        await witness.SubscribeAsync(topic);
        await using var client = await ConnectAsync(new Will(topic, "gone"));
        var scram = new ScramClient(user, password);
        await client.SendAsync(Packet.Auth(0x19, RawClient.Method(scram.First())));

        await client.SendAsync(Packet.Auth(0x18, RawClient.Method(scram.Final(await client.ExpectAuthAsync(0x18)))));

        await client.ExpectGoodbyeAsync(NotAuthorized);
        await witness.ExpectTextAsync("gone");
    }

    [Theory, MemberData(nameof(OutOfPlace)), Spec("MQTT-4.12.1-1", "MQTT-4.12.0-3")]
    public async Task AUTH_has_its_place_and_its_method(bool isUnderWay, byte[] packet)
    {
        await using var client = await ConnectAsync();
        if (isUnderWay)
        {
            await client.SendAsync(Packet.Auth(0x19, RawClient.Method(new ScramClient("dave", "").First())));
            await client.ExpectAuthAsync(0x18);
        }

        await client.SendAsync(packet);

        await client.ExpectGoodbyeAsync(ProtocolError);
    }

    [Fact, Spec("MQTT-3.15.2-1")]
    public async Task AUTH_takes_the_properties_that_are_listed_for_it_each_once()
    {
        foreach (var id in Prop.All.Except([Prop.AuthMethod, Prop.AuthData]))
        {
            var isListed = id is Prop.ReasonString or Prop.User;
            await ExpectAsync(properties => properties.Sample(id), isListed ? 0 : Malformed);
            if (isListed)
                await ExpectAsync(properties => properties.Sample(id).Sample(id), id is Prop.User ? 0 : ProtocolError);
        }

        foreach (var id in (int[])[Prop.AuthMethod, Prop.AuthData])
            await ExpectAsync(properties => properties.Sample(id), ProtocolError);
        foreach (var id in (int[])[0x00, 0x04, 0x2B, 0xFF])
            await ExpectAsync(properties => properties.Raw((byte)id, 0), Malformed);

        async Task ExpectAsync(Func<Props, Props> more, int reason)
        {
            await using var client = await ConnectAsync();
            var properties = more(RawClient.Method(new ScramClient("dave", "").First()));
            await client.SendAsync(Packet.Auth(0x19, properties));
            if (reason == 0)
                await client.ExpectAuthAsync(0x18);
            else
                await client.ExpectGoodbyeAsync(reason);
        }
    }

    private async Task<RawClient> ConnectAsync(Will? will = null)
    {
        var client = await _broker.OpenAsync();
        await client.ConnectAsync(new ScramClient("dave", "secret of dave"), ConnectOptions.Version5 with { Will = will });
        return client;
    }
}
