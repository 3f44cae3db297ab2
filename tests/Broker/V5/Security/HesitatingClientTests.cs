using Orleans.Mqtt.Tests.Broker.Security;
using Orleans.Mqtt.Tests.Support;
using Xunit;

namespace Orleans.Mqtt.Tests.Broker.V5.Security;

/// <summary>Clients that begin an authentication and never end it, and those who guess, at a broker with little patience.</summary>
public sealed class HesitatingClientTests : IAsyncLifetime
{
    private readonly TempFolder _folder = new();
    private TestBroker? _broker;

    private TestBroker Broker => _broker ?? throw new InvalidOperationException("the broker was not started");

    public async ValueTask InitializeAsync()
    {
        TestBroker.MosquittoDiffers("it has no SCRAM");
        await Passwords.SetScramAsync(_folder.File("passwords"), "dave", "secret of dave");
        _broker = await TestBroker.StartAsync(
            "--password-file", _folder.File("passwords"), "--Gateway:ConnectTimeout", "00:00:06",
            "--Security:MaximumFailuresPerMinute", "3");
    }

    [Fact]
    public async Task Who_does_not_answer_is_cut_off()
    {
        await using var client = await Broker.OpenAsync();
        await client.SendAsync(Packet.Connect(ConnectOptions.Version5 with
        {
            Properties = RawClient.Method(new ScramClient("dave", "").First()),
        }));
        await client.ExpectAuthAsync(0x18);

        await client.ExpectClosedAsync();
    }

    [Fact, Spec("MQTT-4.12.1-2")]
    public async Task Who_is_in_and_does_not_answer_is_told_so()
    {
        await using var client = await Broker.OpenAsync();
        await client.ConnectAsync(new ScramClient("dave", "secret of dave"));
        await client.SendAsync(Packet.Auth(0x19, RawClient.Method(new ScramClient("dave", "").First())));
        await client.ExpectAuthAsync(0x18);

        await client.ExpectGoodbyeAsync(0x87);
    }

    [Fact]
    public async Task Who_guesses_too_often_is_not_heard()
    {
        for (var i = 0; i < 3; i++)
            await ExpectAsync(0x86);

        await using var client = await Broker.OpenAsync();
        await client.ExpectReasonedRefusalAsync(
            Packet.Connect(ConnectOptions.Version5 with { Properties = RawClient.Method(new ScramClient("dave", "").First()) }), 0x9F);
    }

    public async ValueTask DisposeAsync()
    {
        if (_broker is not null)
            await _broker.DisposeAsync();
        _folder.Dispose();
    }

    private async Task ExpectAsync(int reason)
    {
        await using var client = await Broker.OpenAsync();
        var scram = new ScramClient("dave", "a guess");
        await client.SendAsync(Packet.Connect(ConnectOptions.Version5 with { Properties = RawClient.Method(scram.First()) }));
        var final = scram.Final(await client.ExpectAuthAsync(0x18));
        await client.ExpectReasonedRefusalAsync(Packet.Auth(0x18, RawClient.Method(final)), reason);
    }
}
