using System.Text;
using Orleans.Mqtt.Silo.Nats;
using Orleans.Mqtt.Tests.Nats.Support;
using Orleans.Mqtt.Tests.Support;

namespace Orleans.Mqtt.Tests.Nats.Mapping;

/// <summary>The server's own MQTT as a judge of our subjects.</summary>
public sealed class SameAsNatsServerTests
{
    private static readonly string[] _characters = ["/", "a", "é"];

    [Fact]
    public async Task A_topic_has_the_subject_that_a_nats_server_gives_it()
    {
        var port = FreePorts.Take();
        await using var server = await NatsServer.StartAsync(
            $"server_name: one\n{NatsServer.JetStream}\nmqtt {{ host: \"127.0.0.1\", port: {port} }}");
        await using var peer = await NatsPeer.HearingAsync(server, ">");
        await using var client = await RawClient.OpenAsync(port);
        await client.ConnectAsync(new ConnectOptions());

        foreach (var topic in Topics())
        {
            await client.SendAsync(Packet.Publish(topic, topic));

            var heard = await peer.HearUntilTextAsync(topic);
            Assert.Equal($"p.{heard.Subject}", SubjectMap.ToSubject("p", Encoding.UTF8.GetBytes(topic)));
        }
    }

    /// <summary>All topics of up to five characters of these; '.' is for later servers than some systems have.</summary>
    private static IEnumerable<string> Topics()
    {
        IEnumerable<string> longer = [""];
        for (var length = 1; length <= 5; length++)
        {
            longer = [.. longer.SelectMany(topic => _characters.Select(next => topic + next))];
            foreach (var topic in longer)
                yield return topic;
        }
    }
}
