using System.Buffers;
using System.Diagnostics;
using Orleans.Mqtt.Protocol;
using Xunit;

namespace Orleans.Mqtt.Tests.Unit.Protocol.Packets;

/// <summary>P9: any bytes lead to a packet, a wait or a <see cref="ProtocolException"/>, never to anything else.</summary>
public class HostileBytesTests
{
    private static readonly TimeSpan Budget = TimeSpan.FromMilliseconds(600);

    [Fact]
    public void Random_bytes_are_refused_or_waited_for_and_nothing_else()
    {
        var random = new Random(20_261);
        var clock = Stopwatch.StartNew();
        for (var round = 0; round < 200_000 && clock.Elapsed < Budget; round++)
        {
            var bytes = new byte[random.Next(1, 40)];
            random.NextBytes(bytes);
            if (bytes.Length > 1)
                bytes[1] = (byte)(bytes.Length - 2); // else nearly all would wait

            Judge(bytes, random);
        }
    }

    [Fact]
    public void Damaged_packets_are_refused_or_understood_and_what_is_understood_can_be_said_again()
    {
        var samples = Samples.RichOnes().ToArray();
        var random = new Random(20_262);
        var clock = Stopwatch.StartNew();
        for (var round = 0; round < 200_000 && clock.Elapsed < Budget; round++)
            Judge(Damaged(samples[random.Next(samples.Length)].Packet, random), random);
    }

    [Fact]
    public void A_packet_that_ends_anywhere_too_early_is_refused_or_still_a_packet()
    {
        foreach (var (version, packet) in Samples.RichOnes())
        {
            for (var length = 2; length < packet.Length && packet.Length < 128; length++)
            {
                var cut = packet[..length];
                cut[1] = (byte)(length - 2);
                Understanding.Verdict(new ReadOnlySequence<byte>(cut), version);
            }
        }
    }

    private static byte[] Damaged(byte[] packet, Random random)
    {
        var bytes = packet.ToList();
        for (var times = random.Next(1, 4); times > 0; times--)
        {
            var at = random.Next(bytes.Count);
            switch (random.Next(3))
            {
                case 0:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 1:
                    bytes.Insert(at, (byte)random.Next(256));
                    break;
                default:
                    if (bytes.Count > 2)
                        bytes.RemoveAt(at);
                    break;
            }
        }

        if (bytes.Count is > 1 and < 130 && random.Next(4) != 0)
            bytes[1] = (byte)(bytes.Count - 2);

        return [.. bytes];
    }

    private static void Judge(byte[] bytes, Random random)
    {
        var version = Versions.All[random.Next(Versions.All.Length)];
        var at = random.Next(bytes.Length);
        var whole = Understanding.Verdict(new ReadOnlySequence<byte>(bytes), version);
        var inPieces = Understanding.Verdict(Bytes.InPieces(bytes[..at], bytes[at..]), version);
        Assert.Equal(whole, inPieces);

        var unread = new ReadOnlySequence<byte>(bytes);
        if (whole is null && Orleans.Mqtt.Protocol.Codec.Frame.TryRead(ref unread, int.MaxValue, out var frame, version))
        {
            var again = Understanding.ReadAndRewrite(frame, version);
            Assert.Null(Understanding.Verdict(new ReadOnlySequence<byte>(again), version));
        }
    }
}
