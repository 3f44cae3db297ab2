using System.Text;
using NATS.Client.Core;
using NATS.Client.JetStream;
using NATS.Client.JetStream.Models;

namespace Orleans.Mqtt.Tests.Nats.Support;

/// <summary>A stream as a witness that survives the server: what it has seen can be read later.</summary>
internal static class Streams
{
    public const string Name = "WITNESS";

    public static Task AddStreamAsync(this NatsServer server) =>
        ChangeAsync(server, context => context.CreateStreamAsync(new StreamConfig(Name, ["mqtt.>"])).AsTask());

    /// <summary>A stream that refuses what is more than so many.</summary>
    public static Task AddFullStreamAsync(this NatsServer server, string name, int messages) =>
        ChangeAsync(server, context => context.CreateStreamAsync(Limited(name, messages)).AsTask());

    public static Task WidenStreamAsync(this NatsServer server, string name, int messages) =>
        ChangeAsync(server, context => context.UpdateStreamAsync(Limited(name, messages)).AsTask());

    /// <summary>Runs it with the stream there before anyone who tries again can come: on a port of its own first.</summary>
    public static async Task RunWithStreamAsync(this NatsServer server)
    {
        await server.RunAsync(elsewhere: true);
        await server.AddStreamAsync();
        await server.KillAsync();
        await server.RunAsync();
    }

    /// <summary>All messages of a stream in order, as soon as it has the one that says this.</summary>
    public static async Task<List<string>> ReadUntilAsync(this NatsServer server, string fence, string stream = Name) =>
        [.. (await server.ReadMessagesUntilAsync(fence, stream)).Select(NatsPeer.TextOf)];

    /// <summary>The same with subjects and headers.</summary>
    public static async Task<List<NatsMsg<byte[]>>> ReadMessagesUntilAsync(this NatsServer server, string fence, string stream = Name)
    {
        await using var connection = new NatsConnection(NatsOpts.Default with { Url = server.Url, HeaderEncoding = Encoding.UTF8 });
        var context = new NatsJSContext(connection);
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        var messages = new SortedDictionary<ulong, NatsMsg<byte[]>>(); // the stream's own order, however they came to us
        while (true)
        {
            // What a reader on a busy machine has missed is in the stream all the same: its next look brings it.
            var last = await ReadAsync(context, stream, fence, messages, patience.Token);
            var first = (await context.GetStreamAsync(stream, cancellationToken: patience.Token)).Info.State.FirstSeq;
            if ((ulong)messages.Count == last - first)
                return [.. messages.Values];
        }
    }

    /// <summary>Reads until the fence comes; gives its place in the stream.</summary>
    private static async Task<ulong> ReadAsync(
        NatsJSContext context, string stream, string fence, SortedDictionary<ulong, NatsMsg<byte[]>> messages,
        CancellationToken cancellation)
    {
        var consumer = await context.CreateOrderedConsumerAsync(stream, cancellationToken: cancellation);
        await foreach (var message in consumer.ConsumeAsync<byte[]>(cancellationToken: cancellation))
        {
            var place = message.Metadata!.Value.Sequence.Stream;
            var plain = new NatsMsg<byte[]> { Subject = message.Subject, Headers = message.Headers, Data = message.Data };
            if (NatsPeer.TextOf(plain) == fence)
                return place;
            messages[place] = plain;
        }

        throw new TimeoutException($"'{fence}' never came into the stream");
    }

    private static StreamConfig Limited(string name, int messages) =>
        new(name, ["mqtt.>"]) { MaxMsgs = messages, Discard = StreamConfigDiscard.New };

    private static async Task ChangeAsync(NatsServer server, Func<NatsJSContext, Task> change)
    {
        await using var connection = new NatsConnection(NatsOpts.Default with { Url = server.Url });
        await change(new NatsJSContext(connection));
    }
}
