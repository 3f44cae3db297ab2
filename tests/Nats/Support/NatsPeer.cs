using System.Text;
using NATS.Client.Core;
using Orleans.Mqtt.Tests.Support;

namespace Orleans.Mqtt.Tests.Nats.Support;

/// <summary>Somebody else on NATS: hears subjects, and speaks.</summary>
internal sealed class NatsPeer : IAsyncDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(2);

    private readonly INatsSub<byte[]> _messages;

    private NatsPeer(NatsConnection connection, INatsSub<byte[]> messages)
    {
        Connection = connection;
        _messages = messages;
    }

    public NatsConnection Connection { get; }

    /// <summary>Returns when the server has the subscription.</summary>
    public static async Task<NatsPeer> HearingAsync(NatsServer server, string subject, NatsOpts? options = null)
    {
        var connection = new NatsConnection((options ?? NatsOpts.Default) with
        {
            Url = server.Url, HeaderEncoding = Encoding.UTF8, SubPendingChannelCapacity = 100_000,
            RequestTimeout = _patience,
        });
        var messages = await connection.SubscribeCoreAsync<byte[]>(subject);
        await connection.PingAsync();
        return new NatsPeer(connection, messages);
    }

    public async Task<NatsMsg<byte[]>> HearAsync()
    {
        using var patience = new CancellationTokenSource(_patience);
        return await _messages.Msgs.ReadAsync(patience.Token);
    }

    /// <summary>The next message, which must be this one.</summary>
    public async Task<NatsMsg<byte[]>> ExpectAsync(string subject, string text)
    {
        var heard = await HearAsync();
        Assert.Equal((subject, text), (heard.Subject, TextOf(heard)));
        return heard;
    }

    /// <summary>Everything up to the message that says this.</summary>
    public async Task<List<NatsMsg<byte[]>>> HearUntilAsync(string fence)
    {
        var heard = new List<NatsMsg<byte[]>>();
        while (true)
        {
            var message = await HearAsync();
            if (TextOf(message) == fence)
                return heard;
            heard.Add(message);
        }
    }

    /// <summary>The next message that says this; a server may have things of its own to say before.</summary>
    public async Task<NatsMsg<byte[]>> HearUntilTextAsync(string text)
    {
        NatsMsg<byte[]> message;
        do
            message = await HearAsync();
        while (TextOf(message) != text);
        return message;
    }

    public ValueTask PublishAsync(string subject, string text, params (string Name, string Value)[] headers) =>
        Connection.PublishAsync(subject, Encoding.UTF8.GetBytes(text), HeadersOf(headers));

    public async Task<NatsMsg<byte[]>> HearUntilContainsAsync(string part)
    {
        NatsMsg<byte[]> message;
        do
            message = await HearAsync();
        while (!TextOf(message).Contains(part, StringComparison.Ordinal));
        return message;
    }

    /// <summary>What a bridge does that knows nothing of loops.</summary>
    public ValueTask SendOnAsync(string subject, NatsMsg<byte[]> message) =>
        Connection.PublishAsync(subject, message.Data, message.Headers);

    /// <summary>Asks, and asks again while there is nobody: the broker may not have subscribed yet.</summary>
    public async Task<string> AskAsync(string subject, string text, params (string Name, string Value)[] headers)
    {
        NatsMsg<byte[]> answer = default;
        await Eventually.ThatAsync(async () =>
        {
            try
            {
                answer = await Connection.RequestAsync<byte[], byte[]>(subject, Encoding.UTF8.GetBytes(text), HeadersOf(headers));
                return true;
            }
            catch (NatsNoRespondersException)
            {
                return false;
            }
        });
        return TextOf(answer);
    }

    public static string TextOf(NatsMsg<byte[]> message) => Encoding.UTF8.GetString(message.Data ?? []);

    public async ValueTask DisposeAsync()
    {
        await _messages.DisposeAsync();
        await Connection.DisposeAsync();
    }

    private static NatsHeaders? HeadersOf((string Name, string Value)[] headers)
    {
        if (headers.Length == 0)
            return null;

        var all = new NatsHeaders();
        foreach (var (name, value) in headers)
            all[name] = all.TryGetValue(name, out var before) ? Microsoft.Extensions.Primitives.StringValues.Concat(before, value) : value;
        return all;
    }
}
