namespace Orleans.Mqtt.Tests.Bench.Load;

/// <summary>Bytes of one connection that have to wait: half a packet read, or what the socket would not take.</summary>
internal sealed unsafe class Leftover
{
    private byte[] _bytes = [];
    private int _from;

    public int Length { get; private set; }

    public ReadOnlySpan<byte> Bytes => _bytes.AsSpan(_from, Length);

    public void Append(byte* bytes, int length)
    {
        if (_from + Length + length > _bytes.Length)
            MakeRoom(length);

        new ReadOnlySpan<byte>(bytes, length).CopyTo(_bytes.AsSpan(_from + Length));
        Length += length;
    }

    public void Drop(int length)
    {
        Length -= length;
        _from = Length is 0 ? 0 : _from + length;
    }

    private void MakeRoom(int length)
    {
        var roomier = Length + length <= _bytes.Length / 2
            ? _bytes
            : new byte[Math.Max(256, (Length + length) * 2)];
        Bytes.CopyTo(roomier);
        _bytes = roomier;
        _from = 0;
    }
}
