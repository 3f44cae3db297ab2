using System.IO.Pipelines;
using System.Net.Security;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace Orleans.Mqtt.Gateway.Listeners;

/// <summary>
/// Puts a pipe before a transport that must not be written to while it sends. An outbox is filled by many threads at any time,
/// which the pipe of a socket allows and that of a TLS stream does not.
/// </summary>
internal sealed class PipedOutput(TimeProvider time)
{
    /// <summary>How long a client may take to read our last words.</summary>
    private static readonly TimeSpan FarewellTime = TimeSpan.FromSeconds(5);

    // As long as the longest TLS record, so that a batch leaves in as few of them as may be.
    private static readonly PipeOptions _options = new(minimumSegmentSize: 16 * 1024, useSynchronizationContext: false);

    public ConnectionDelegate Chain(ConnectionDelegate next) => async connection =>
    {
        var inner = connection.Transport;
        var outgoing = new Pipe(_options);
        connection.Transport = new Duplex(inner.Input, outgoing.Writer);
        var sending = SendAsync(outgoing.Reader, inner.Output, connection.Features.Get<ISslStreamFeature>()?.SslStream);
        try
        {
            await next(connection);
        }
        finally
        {
            await outgoing.Writer.CompleteAsync();
            await using (time.CreateTimer(_ => connection.Abort(), null, FarewellTime, Timeout.InfiniteTimeSpan))
                await sending;
            connection.Transport = inner;
        }
    };

    private static async Task SendAsync(PipeReader outgoing, PipeWriter output, SslStream? stream)
    {
        try
        {
            while (true)
            {
                var read = await outgoing.ReadAsync();
                foreach (var segment in read.Buffer)
                    await output.WriteAsync(segment);
                outgoing.AdvanceTo(read.Buffer.End);
                if (read.IsCompleted)
                    break;
            }

            // Who completes the output has said all, and the client is to hang up; a socket would be shut down here.
            if (stream is not null)
                await stream.ShutdownAsync();
        }
        catch (Exception failure) when (failure is IOException or OperationCanceledException or InvalidOperationException)
        {
            // The client has gone: whoever writes on is told by the pipe, whoever reads by the transport.
        }
        finally
        {
            await outgoing.CompleteAsync();
        }
    }

    private sealed record Duplex(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
