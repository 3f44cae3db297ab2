using System.Buffers;
using System.Text;

namespace Orleans.Mqtt.Silo.Nats;

/// <summary>
/// Text of clients as the value of a NATS header: nothing in it can end the header. What could is written as in a URL, and
/// so is '%' itself; everything else stands as it is.
/// </summary>
internal static class HeaderText
{
    // Control characters, of which CR and LF would end the header; '=' parts the name of a user property from its value.
    private static readonly SearchValues<char> _forValues = SearchValues.Create(['%', '\x7F', .. Enumerable.Range(0, 32).Select(c => (char)c)]);
    private static readonly SearchValues<char> _forNames = SearchValues.Create(['%', '=', '\x7F', .. Enumerable.Range(0, 32).Select(c => (char)c)]);

    public static string Encode(string text) => Encode(text, _forValues);

    public static string EncodePair(string name, string value) => $"{Encode(name, _forNames)}={Encode(value, _forValues)}";

    public static string Decode(string text) => text.Contains('%') ? Uri.UnescapeDataString(text) : text;

    /// <summary>Without '=' it is a name with nothing to it.</summary>
    public static (string Name, string Value) DecodePair(string text)
    {
        var end = text.IndexOf('=');
        return end < 0 ? (Decode(text), "") : (Decode(text[..end]), Decode(text[(end + 1)..]));
    }

    private static string Encode(string text, SearchValues<char> unsafeOnes)
    {
        // Readers of headers take blanks off both ends.
        if (!text.AsSpan().ContainsAny(unsafeOnes) && !text.StartsWith(' ') && !text.EndsWith(' '))
            return text;

        var encoded = new StringBuilder(text.Length + 8);
        for (var at = 0; at < text.Length; at++)
        {
            var isBlankAtEnd = text[at] == ' ' && (at == 0 || at == text.Length - 1);
            if (isBlankAtEnd || unsafeOnes.Contains(text[at]))
                encoded.Append('%').Append(((int)text[at]).ToString("X2", null));
            else
                encoded.Append(text[at]);
        }

        return encoded.ToString();
    }
}
