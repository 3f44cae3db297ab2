using System.Security.Authentication;
using System.Text;
using Orleans.Mqtt.Tests.Support;
using Xunit;

namespace Orleans.Mqtt.Tests.Broker.Security;

/// <summary>TLS listeners, with an authority of the test's own.</summary>
[Collection(nameof(GuardedBroker))]
public sealed class TlsTests
{
    private readonly GuardedBroker _broker;

    public TlsTests(GuardedBroker broker)
    {
        TestBroker.MosquittoDiffers("it is set up in another way");
        _broker = broker;
    }

    [Theory, InlineData(SslProtocols.Tls12), InlineData(SslProtocols.Tls13)]
    public async Task A_client_that_trusts_the_root_comes_in(SslProtocols version)
    {
        await using var client = RawClient.Over(await Tls.OpenAsync(_broker.TlsPort, _broker.Authority, versions: version));

        await client.ConnectAsync(GuardedBroker.As("alice"));

        await client.ExpectNothingAsync();
    }

    [Fact]
    public async Task What_is_older_than_TLS_1_2_is_not_spoken()
    {
#pragma warning disable SYSLIB0039, CA5397 // that it is obsolete is the point
        await Assert.ThrowsAnyAsync<Exception>(
            () => Tls.OpenAsync(_broker.TlsPort, _broker.Authority, versions: SslProtocols.Tls11));
#pragma warning restore SYSLIB0039, CA5397
    }

    [Fact]
    public async Task A_client_that_trusts_somebody_else_stays_out()
    {
        using var other = new TestAuthority("other");

        await Assert.ThrowsAsync<AuthenticationException>(() => Tls.OpenAsync(_broker.TlsPort, other));
    }

    [Fact]
    public async Task The_name_that_IANA_gives_to_MQTT_is_known()
    {
        await using var stream = await Tls.OpenAsync(_broker.TlsPort, _broker.Authority, alpn: "mqtt");

        Assert.Equal("mqtt", Encoding.ASCII.GetString(stream.NegotiatedApplicationProtocol.Protocol.Span));
    }

    [Fact]
    public async Task Who_speaks_in_the_clear_is_not_served()
    {
        await using var client = await RawClient.OpenAsync(_broker.TlsPort);

        await client.SendAsync(Packet.Connect(GuardedBroker.As("alice")));

        // A TLS alert may come; it is no packet of ours.
        await Assert.ThrowsAnyAsync<Exception>(() => client.ConnectAsync(GuardedBroker.As("alice")));
    }

    [Fact]
    public async Task Many_who_write_to_a_client_that_does_not_read_yet_do_not_disturb_each_other()
    {
        const int Publishers = 6;
        const int Messages = 30; // 18 MB in all: more than sockets hold, so that a write must wait while others come
        var topic = $"open/{Unique.Token()}";
        await using var subscriber = await Tls.ConnectAsync(_broker.TlsPort, _broker.Authority, GuardedBroker.As("alice"));
        await subscriber.SubscribeAsync(topic + "/#", 1);

        await Task.WhenAll(Enumerable.Range(0, Publishers).Select(PublishAsync));
        var heard = new Dictionary<string, List<string>>();
        for (var i = 0; i < Publishers * Messages; i++)
        {
            var message = await subscriber.HearAsync();
            if (!heard.TryGetValue(message.Topic, out var texts))
                heard[message.Topic] = texts = [];
            texts.Add(message.Text);
        }

        Assert.Equal(Publishers, heard.Count);
        Assert.All(heard.Values, texts => Assert.Equal(Enumerable.Range(0, Messages).Select(Message), texts));

        async Task PublishAsync(int publisher)
        {
            await using var client = await Tls.ConnectAsync(_broker.TlsPort, _broker.Authority, GuardedBroker.As("alice"));
            for (var i = 0; i < Messages; i++)
                await client.PublishAsync($"{topic}/{publisher}", Message(i), qos: 1);
        }

        static string Message(int number) => new((char)('a' + (number % 26)), 100_000 + number);
    }

    [Fact]
    public async Task Clients_of_Mosquitto_come_in()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/mosquitto_pub"), "the package mosquitto-clients is not installed");
        var topic = $"open/{Unique.Token()}";
        await using var subscriber = await Tls.ConnectAsync(_broker.TlsPort, _broker.Authority, GuardedBroker.As("alice"));
        await subscriber.SubscribeAsync(topic);
        using var folder = new TempFolder();
        folder.Write("root.pem", _broker.Authority.Root.ExportCertificatePem());

        await using var publisher = RunningProcess.Start(
            "mosquitto_pub", "-h", "localhost", "-p", $"{_broker.TlsPort}", "--cafile", folder.File("root.pem"),
            "-u", "bob", "-P", "secret of bob", "-t", topic, "-m", "over TLS");
        Assert.True((await publisher.EndAsync()).ExitCode == 0, publisher.Transcript());

        await subscriber.ExpectTextAsync("over TLS");
    }
}
