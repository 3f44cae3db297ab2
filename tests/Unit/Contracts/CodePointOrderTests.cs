using System.Text;
using CsCheck;
using Orleans.Mqtt.Cluster;
using Xunit;

namespace Orleans.Mqtt.Tests.Unit.Contracts;

public sealed class CodePointOrderTests
{
    private static readonly Gen<string> _text = Gen.OneOf(
        Gen.Int['a', 'c'], Gen.Int[0x7F, 0x81], Gen.Int[0xD7FE, 0xD7FF], Gen.Int[0xE000, 0xE001], Gen.Int[0xFFFE, 0x10001],
        Gen.Int[0x10FFFE, 0x10FFFF])
        .Array[0, 4].Select(points => string.Concat(points.Select(char.ConvertFromUtf32)));

    [Fact]
    public void It_is_the_order_of_the_bytes() => Gen.Select(_text, _text).Sample((one, other) =>
        Math.Sign(CodePointOrder.Instance.Compare(one, other))
            == Math.Sign(Encoding.UTF8.GetBytes(one).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(other))));
}
