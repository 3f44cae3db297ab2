namespace Orleans.Mqtt.Gateway.Hosting.Metrics;

/// <summary>Writes tags as name="value",... into the caller's memory, so that a known series is found without garbage.</summary>
internal ref struct Labels(Span<char> room)
{
    private Span<char> _room = room;
    private int _length;

    public readonly ReadOnlySpan<char> Text => _room[.._length];

    public void Add(string name, string value)
    {
        if (_length > 0)
            Append(",");
        foreach (var letter in name)
            Append(char.IsAsciiLetterOrDigit(letter) ? letter : '_');
        Append("=\"");
        Append(value.AsSpan().IndexOfAny('\\', '"', '\n') < 0 ? value : PrometheusText.Escape(value));
        Append("\"");
    }

    private void Append(char letter) => Append([letter]);

    private void Append(scoped ReadOnlySpan<char> text)
    {
        if (_length + text.Length > _room.Length)
        {
            var grown = new char[Math.Max(2 * _room.Length, _length + text.Length)];
            Text.CopyTo(grown);
            _room = grown;
        }

        text.CopyTo(_room[_length..]);
        _length += text.Length;
    }
}
