using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace Orleans.Mqtt.Gateway.Security;

/// <summary>
/// SASLprep, RFC 4013, so that a password has one spelling: spaces of all kinds are one kind, and what cannot be seen is left
/// out. Composed and compatible characters stay as they were typed (the process carries no tables of Unicode), and the order
/// of right-to-left text is not judged.
/// </summary>
internal static class PreparedText
{
    private static readonly UTF8Encoding _strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The bytes to hash. Text that must not be in a password, or is none, is hashed as it is.</summary>
    public static byte[] Of(ReadOnlySpan<byte> password)
    {
        try
        {
            return TryPrepare(_strict.GetString(password), out var prepared) ? _strict.GetBytes(prepared) : password.ToArray();
        }
        catch (DecoderFallbackException)
        {
            return password.ToArray(); // a password is bytes, and these are not text
        }
    }

    /// <summary>False when there is something in it that nobody can see or type.</summary>
    public static bool TryPrepare(string text, [NotNullWhen(true)] out string? prepared)
    {
        prepared = null;
        var built = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            if (IsLeftOut(rune.Value))
                continue;
            if (IsProhibited(rune))
                return false;
            built.Append(rune.Value != ' ' && Rune.GetUnicodeCategory(rune) is UnicodeCategory.SpaceSeparator ? " " : rune.ToString());
        }

        prepared = built.ToString();
        return true;
    }

    /// <summary>Table B.1 of RFC 3454, "commonly mapped to nothing".</summary>
    private static bool IsLeftOut(int character) => character is 0x00AD or 0x034F or 0x1806 or (>= 0x180B and <= 0x180D)
        or (>= 0x200B and <= 0x200D) or 0x2060 or (>= 0xFE00 and <= 0xFE0F) or 0xFEFF;

    /// <summary>Tables C.2 to C.9 of RFC 3454.</summary>
    private static bool IsProhibited(Rune rune)
    {
        var character = rune.Value;
        return Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.PrivateUse
                or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
            || (character & 0xFFFE) == 0xFFFE
            || character is (>= 0xFDD0 and <= 0xFDEF) or (>= 0xFFF9 and <= 0xFFFD) or (>= 0x2FF0 and <= 0x2FFB)
                or 0x0340 or 0x0341 or 0x06DD or 0x070F or 0x180E or 0x200E or 0x200F or (>= 0x202A and <= 0x202E)
                or (>= 0x2061 and <= 0x2063) or (>= 0x206A and <= 0x206F) or (>= 0x1D173 and <= 0x1D17A)
                or 0xE0001 or (>= 0xE0020 and <= 0xE007F);
    }
}
