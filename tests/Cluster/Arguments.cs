using System.Globalization;

namespace Orleans.Mqtt.Tests.Cluster;

/// <summary>The switches of a command as they are typed, with a value each.</summary>
internal sealed class Arguments
{
    private readonly Dictionary<string, string> _values = [];

    public Arguments(Command command, ReadOnlySpan<string> typed)
    {
        for (var at = 0; at < typed.Length; at += 2)
        {
            var name = typed[at];
            if (!command.Switches.Any(known => known.Name == name))
                throw new ArgumentException($"{name} is not an option of {command.Name}.");
            if (at + 1 == typed.Length)
                throw new ArgumentException($"{name} wants a value.");
            _values[name] = typed[at + 1];
        }
    }

    public string? Word(string name) => _values.GetValueOrDefault(name);

    /// <summary>A whole number above 0.</summary>
    public int? Number(string name)
    {
        if (Word(name) is not { } word)
            return null;
        return int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0
            ? number
            : throw new ArgumentException($"{name} wants a whole number above 0, not {word}.");
    }

    public T? Choice<T>(string name) where T : struct, Enum => Word(name) is { } word ? ChoiceOf<T>(name, word) : null;

    public T[]? Choices<T>(string name) where T : struct, Enum => Word(name) is { } words
        ? [.. words.Split(',', StringSplitOptions.TrimEntries).Select(word => ChoiceOf<T>(name, word))]
        : null;

    // A number would be taken for a name otherwise, also one that nothing has.
    private static T ChoiceOf<T>(string name, string word) where T : struct, Enum =>
        Enum.TryParse<T>(word, ignoreCase: true, out var choice) && Enum.IsDefined(choice) && !char.IsAsciiDigit(word[0])
            ? choice
            : throw new ArgumentException($"{name} wants one of {string.Join(", ", Enum.GetNames<T>())}, not {word}.");
}
