using BenchmarkDotNet.Attributes;
using Orleans.Mqtt.Messages;

namespace Orleans.Mqtt.Tests.Bench.Micro;

/// <summary>A batch of messages of 64 bytes is filled, read through, and emptied for the next.</summary>
public class BatchBenchmarks
{
    private readonly RecordBlock _block = new();
    private byte[] _record = [];

    [Params(1, 64)]
    public int Messages { get; set; }

    [GlobalSetup]
    public void Prepare()
    {
        const int Topic = 21, Payload = 64;
        _record = new byte[MessageRecord.Measure(Topic, Payload, 0)];
        MessageRecord.WriteHeader(_record, RecordFlags.None, Topic, Payload, 0, 1, 1);
    }

    [Benchmark]
    public int FillAndRead()
    {
        _block.Clear();
        for (var message = 0; message < Messages; message++)
            _block.Add(new MessageRecord(_record));

        var read = 0;
        foreach (var record in _block)
            read += record.Payload.Length;

        return read;
    }
}
