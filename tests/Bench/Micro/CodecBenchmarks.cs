using System.Buffers;
using BenchmarkDotNet.Attributes;
using Orleans.Mqtt.Protocol;
using Orleans.Mqtt.Protocol.Codec;
using Orleans.Mqtt.Protocol.Packets;
using Orleans.Mqtt.Tests.Bench.Wire;

namespace Orleans.Mqtt.Tests.Bench.Micro;

/// <summary>A PUBLISH of 64 bytes, QoS 1, from the bytes of the publisher to those of a subscriber.</summary>
public class CodecBenchmarks
{
    private const int Largest = 1_000;

    private readonly byte[] _output = new byte[Largest];
    private ReadOnlySequence<byte> _arrival;

    [Params(ProtocolVersion.V311, ProtocolVersion.V5)]
    public ProtocolVersion Version { get; set; }

    [GlobalSetup]
    public void Prepare()
    {
        var properties = Version is ProtocolVersion.V5 ? Properties.None : [];
        var packet = Packets.PublishTemplate("site/7/device/9/state", 1, false, properties, 64, out _, out var idAt, out _);
        packet[idAt + 1] = 1;
        _arrival = new ReadOnlySequence<byte>(packet);
    }

    [Benchmark]
    public int Read()
    {
        var unread = _arrival;
        Frame.TryRead(ref unread, Largest, out var frame, Version);
        return PublishPacket.Read(frame, Version).Topic.Length;
    }

    [Benchmark]
    public int ReadAndWrite()
    {
        var unread = _arrival;
        Frame.TryRead(ref unread, Largest, out var frame, Version);
        var packet = PublishPacket.Read(frame, Version);
        packet.TryGetPayloadSpan(out var payload);
        return PublishWriter.Write(
            _output, Version, packet.Topic, packet.PacketId, packet.QoS, packet.Retain, packet.Dup, payload, packet.Properties);
    }
}
