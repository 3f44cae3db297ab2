using System.Text;

namespace Orleans.Mqtt.Gateway.Security;

/// <summary>The client's first message, RFC 5802 section 7: <c>n,,n=USER,r=NONCE</c>.</summary>
/// <param name="Header">What stands before the message proper: whether a channel is bound, and for whom one acts.</param>
/// <param name="Bare">The message proper, as it was sent.</param>
/// <param name="UserName">Who it claims to be, prepared.</param>
/// <param name="Nonce">The client's half of it.</param>
internal sealed record ScramFirst(string Header, string Bare, string UserName, string Nonce)
{
    public const int LongestMessage = 4096;

    /// <summary>Null when it is not as it should be, or wants what is not offered: another's name, a bound channel.</summary>
    public static ScramFirst? Parse(string text)
    {
        if (text.Split(',') is not ["n" or "y", var actsFor, ['n', '=', .. var name], ['r', '=', .. { Length: > 0 } nonce], ..] parts)
            return null;
        if (UserNameOf(name) is not { Length: > 0 } userName || !nonce.All(each => each is >= '!' and <= '~'))
            return null;
        if (actsFor.Length > 0 && (!actsFor.StartsWith("a=", StringComparison.Ordinal) || UserNameOf(actsFor[2..]) != userName))
            return null;

        var header = $"{parts[0]},{actsFor},";
        return new ScramFirst(header, text[header.Length..], userName, nonce);
    }

    /// <summary>A comma is written =2C, an equals sign =3D, and that sign stands for nothing else.</summary>
    private static string? UserNameOf(string name)
    {
        var plain = new StringBuilder(name.Length);
        for (var i = 0; i < name.Length; i++)
        {
            if (name[i] != '=')
                plain.Append(name[i]);
            else if (string.CompareOrdinal(name, i, "=2C", 0, 3) == 0 || string.CompareOrdinal(name, i, "=3D", 0, 3) == 0)
                plain.Append(name[i += 2] == 'C' ? ',' : '=');
            else
                return null;
        }

        return PreparedText.TryPrepare(plain.ToString(), out var prepared) ? prepared : null;
    }
}
