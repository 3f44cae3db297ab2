namespace Orleans.Mqtt.Gateway.Security;

/// <summary>How two topic filters lie to each other.</summary>
internal static class Filters
{
    /// <summary>True when every topic that <paramref name="asked"/> matches, <paramref name="rule"/> matches, too.</summary>
    public static bool Covers(string rule, string asked)
    {
        // A wildcard in the first level does not match what begins with '$'. [MQTT-4.7.2-1] Elsewhere "+/#" there is "#".
        if (asked[0] == '$' && rule[0] is '+' or '#')
            return false;
        if (rule == "+/#")
            return true;

        var ruled = rule.Split('/');
        var wish = asked.Split('/');
        for (var level = 0; ; level++)
        {
            if (level < ruled.Length && ruled[level] == "#")
                return true;
            if (level == ruled.Length || level == wish.Length)
                return level == ruled.Length && level == wish.Length;
            if (wish[level] == "#" || (ruled[level] != "+" && ruled[level] != wish[level]))
                return false;
        }
    }

    /// <summary>True when there is a topic that both match.</summary>
    public static bool Overlap(string one, string other)
    {
        if ((one[0] == '$' && other[0] is '+' or '#') || (other[0] == '$' && one[0] is '+' or '#'))
            return false; // [MQTT-4.7.2-1]

        var left = one.Split('/');
        var right = other.Split('/');
        for (var level = 0; ; level++)
        {
            if (level == left.Length || level == right.Length)
                return EndsWith(left, level) && EndsWith(right, level);
            if (left[level] == "#" || right[level] == "#")
                return true;
            if (left[level] != "+" && right[level] != "+" && left[level] != right[level])
                return false;
        }
    }

    // Over, or with a '#' left, which matches its parent level, too.
    private static bool EndsWith(string[] levels, int level) =>
        level == levels.Length || (level == levels.Length - 1 && levels[level] == "#");
}
