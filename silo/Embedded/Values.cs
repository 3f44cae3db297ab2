namespace Orleans.Mqtt.Silo.Embedded;

/// <summary>Values as arrays that nobody changes; those of one byte, such as the options of a million routes, are shared.</summary>
internal static class Values
{
    private static readonly byte[][] _ofOneByte = [.. Enumerable.Range(0, byte.MaxValue + 1).Select(value => new[] { (byte)value })];

    public static byte[] Of(ReadOnlySpan<byte> bytes) => bytes.Length is 1 ? _ofOneByte[bytes[0]] : bytes.ToArray();
}
