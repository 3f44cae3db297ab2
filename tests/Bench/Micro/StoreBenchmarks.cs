using System.Diagnostics;
using System.Globalization;
using BenchmarkDotNet.Attributes;
using Microsoft.Extensions.Logging.Abstractions;
using Orleans.Mqtt.Grains.Storage;
using Orleans.Mqtt.Tests.Bench.Brokers;
using StackExchange.Redis;

namespace Orleans.Mqtt.Tests.Bench.Micro;

/// <summary>Writes of many callers at once through the store writer, to a redis-server that logs as everysec.</summary>
public class StoreBenchmarks : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("orleans-mqtt-micro-").FullName;
    private Process? _redis;
    private StoreConnection? _connection;
    private StoreWriter? _writer;
    private Task[] _answers = [];

    [Params(1, 64)]
    public int Callers { get; set; }

    [GlobalSetup]
    public async Task Prepare()
    {
        var port = FreePort.Next();
        _redis = Process.Start("redis-server",
        [
            "--port", port.ToString(CultureInfo.InvariantCulture), "--bind", "127.0.0.1", "--dir", _folder, "--save", "",
            "--appendonly", "yes", "--appendfsync", "everysec", "--logfile", Path.Combine(_folder, "log"),
        ]);
        // It connects as soon as the server is there.
        var where = new ConfigurationOptions { EndPoints = { { "127.0.0.1", port } }, ConnectRetry = 10 };
        _connection = await StoreConnection.OpenAsync(where, new StoreOptions { Prefix = "micro" }, NullLogger.Instance);
        while (!_connection.IsUp)
            await Task.Delay(10);

        _writer = new StoreWriter(_connection);
        _answers = new Task[Callers];
    }

    [Benchmark]
    public Task Write()
    {
        for (var caller = 0; caller < _answers.Length; caller++)
            _answers[caller] = _writer!.Write("key"u8, new FieldWrite());

        return Task.WhenAll(_answers);
    }

    [GlobalCleanup]
    public async ValueTask DisposeAsync()
    {
        await _writer!.DisposeAsync();
        await _connection!.DisposeAsync();
        _redis!.Kill();
        await _redis.WaitForExitAsync();
        _redis.Dispose();
        Directory.Delete(_folder, recursive: true);
        GC.SuppressFinalize(this);
    }

    private sealed class FieldWrite() : StoreWrite(_content.Length)
    {
        private static readonly byte[] _content = new byte[100];
        private Task? _answer;

        public override void Send(IDatabase database) => _answer = database.HashSetAsync("micro", "field", _content);

        public override async ValueTask Answers() => await _answer!;
    }
}
