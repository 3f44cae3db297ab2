using System.Text;
using Orleans.Mqtt.Tests.Support;
using Xunit;

namespace Orleans.Mqtt.Tests.Broker.Security;

/// <summary>The listener that expects a PROXY header, and what is the same on all of them.</summary>
[Collection(nameof(GuardedBroker))]
public sealed class ListenerTests
{
    private readonly GuardedBroker _broker;

    public ListenerTests(GuardedBroker broker)
    {
        TestBroker.MosquittoDiffers("it is set up in another way");
        _broker = broker;
    }

    [Fact]
    public async Task Messages_go_from_every_listener_to_every_other()
    {
        var topic = $"open/{Unique.Token()}";
        RawClient[] clients =
        [
            await _broker.OpenAsync(), RawClient.Over(await Tls.OpenAsync(_broker.TlsPort, _broker.Authority)),
            await _broker.OpenWebSocketAsync(), await _broker.OpenWebSocketAsync(isSecure: true), await RawClient.OpenAsync(_broker.ProxyPort),
        ];
        await clients[^1].SendAsync("PROXY TCP4 198.51.100.1 198.51.100.2 1000 1883\r\n"u8.ToArray());
        foreach (var client in clients)
        {
            await client.ConnectAsync(GuardedBroker.As("alice"));
            await client.SubscribeAsync(topic, 2);
        }

        foreach (var publisher in clients)
        {
            await publisher.PublishAsync(topic, "hello", qos: 2);
            foreach (var client in clients)
                await client.ExpectTextAsync("hello");
        }

        foreach (var client in clients)
        {
            await client.DisconnectAsync();
            await client.DisposeAsync();
        }
    }

    [Theory]
    [InlineData("PROXY TCP4 203.0.113.7 198.51.100.2 1000 1883\r\n", "203.0.113.7")]
    [InlineData("PROXY TCP6 2001:db8::7 2001:db8::1 1000 1883\r\n", "2001:db8::7")]
    [InlineData("PROXY UNKNOWN\r\n", "127.0.0.1")]
    [InlineData("\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c\xcb\0\x71\x09\xc6\x33\x64\x02\x03\xe8\x07\x5b", "203.0.113.9")]
    [InlineData("\r\n\r\n\0\r\nQUIT\n\x20\0\0\0", "127.0.0.1")]
    public async Task The_address_of_a_client_is_the_one_in_the_header(string header, string address)
    {
        await using var client = await RawClient.OpenAsync(_broker.ProxyPort);

        await client.SendAsync(Encoding.Latin1.GetBytes(header));
        await client.ExpectRefusalAsync(new ConnectOptions(), 5);

        await _broker.Broker.SaysAsync($"A login from {address} was refused");
    }

    [Theory]
    [InlineData("")]
    [InlineData("PROXY TCP4 203.0.113.7\r\n")]
    [InlineData("\r\n\r\n\0\r\nQUIT\n\x31\x11\0\0")]
    public async Task Without_a_header_nobody_is_served(string header)
    {
        await using var client = await RawClient.OpenAsync(_broker.ProxyPort);

        await client.SendAsync(Encoding.Latin1.GetBytes(header), Packet.Connect(GuardedBroker.As("alice")));

        await client.ExpectClosedAsync();
    }
}
