using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;

namespace Orleans.Mqtt.Tests.Unit.Gateway;

/// <summary>A client's connection without a socket.</summary>
internal sealed class TestTransport(Wire wire) : ConnectionContext, IDuplexPipe
{
    private readonly CancellationTokenSource _closed = new();

    public Pipe FromClient { get; } = new();

    public PipeReader Input => FromClient.Reader;

    public PipeWriter Output => wire.Output;

    public override string ConnectionId { get; set; } = "test";

    public override IFeatureCollection Features { get; } = new FeatureCollection();

    public override IDictionary<object, object?> Items { get; set; } = new Dictionary<object, object?>();

    public override IDuplexPipe Transport
    {
        get => this;
        set => throw new NotSupportedException();
    }

    public override CancellationToken ConnectionClosed
    {
        get => _closed.Token;
        set => throw new NotSupportedException();
    }

    public override void Abort(ConnectionAbortedException abortReason)
    {
        _closed.Cancel();
        FromClient.Writer.Complete(abortReason);
    }

    public override ValueTask DisposeAsync()
    {
        _closed.Dispose();
        return base.DisposeAsync();
    }
}
