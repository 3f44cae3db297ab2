using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Orleans.Mqtt.Gateway.Security;

namespace Orleans.Mqtt.Gateway.Hosting;

/// <summary>The sub-command that writes a password file: <c>passwd FILE USER</c>.</summary>
internal static class PasswordCommand
{
    private const string Name = "passwd";
    private const string Usage = "passwd FILE USER [--scram] [--iterations N] sets a password, which it asks for or reads from its input; "
        + "passwd FILE USER --delete removes the user";

    public static bool IsMeant(string[] args) => args is [Name, ..];

    /// <summary>The exit code.</summary>
    public static int Run(string[] args)
    {
        try
        {
            return Run(args, ReadPassword);
        }
        catch (Exception failure) when (failure is StartFailure or FormatException or IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine($"Orleans.Mqtt passwd: {failure.Message}");
            return 1;
        }
    }

    public static int Run(string[] args, Func<string> password)
    {
        switch (args)
        {
            case [Name, var file, var user, "--delete"]:
                Write(file, user, null);
                return 0;
            case [Name, var file, var user, "--scram", .. var more]:
                SetScram(file, user, password, IterationsOf(more, ScramVerifier.MinimumIterations));
                return 0;
            case [Name, var file, var user, .. var more]:
                var iterations = IterationsOf(more, 1);
                Set(file, user, password(), bytes => PasswordHash.Create(bytes, iterations));
                return 0;
            default:
                throw new StartFailure(Usage);
        }
    }

    private static void SetScram(string file, string user, Func<string> password, int iterations)
    {
        if (!PreparedText.TryPrepare(user, out var prepared) || prepared != user)
            throw new StartFailure("for SCRAM a user name has no characters that cannot be seen, and no spaces but the common one");

        Set(file, user, password(), bytes => ScramVerifier.Create(bytes, iterations));
    }

    private static void Set(string file, string user, string password, Func<byte[], StoredPassword> store)
    {
        if (user.Length == 0 || user[0] == '#' || user.AsSpan().ContainsAny(":\r\n"))
            throw new StartFailure("a user name is not empty, does not begin with '#' and has no ':' in it");
        if (password.Length == 0)
            throw new StartFailure("the password is empty");

        Write(file, user, $"{user}:{store(Encoding.UTF8.GetBytes(password))}");
    }

    private static int IterationsOf(string[] more, int least) => more switch
    {
        [] => StoredPassword.DefaultIterations,
        ["--iterations", var number] when int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var iterations)
            && iterations >= least && iterations <= StoredPassword.MaximumIterations => iterations,
        ["--iterations", _] => throw new StartFailure($"--iterations is a number from {least} to {StoredPassword.MaximumIterations}"),
        _ => throw new StartFailure(Usage),
    };

    /// <summary>Puts the line in the place of the user's old one; all others stay as they are.</summary>
    private static void Write(string file, string user, string? line)
    {
        var lines = File.Exists(file) ? File.ReadAllLines(file).ToList() : [];
        var at = lines.FindIndex(each => each.StartsWith($"{user}:", StringComparison.Ordinal));
        if (at < 0 && line is null)
            throw new StartFailure($"there is no such user in {file}");

        if (at < 0)
            lines.Add(line!);
        else if (line is null)
            lines.RemoveAt(at);
        else
            lines[at] = line;
        var parsed = PasswordFile.Parse(string.Join('\n', lines)); // what the broker would not take is not written
        if (parsed.WantsDecoy)
            lines.Add(PasswordFile.DecoyPrefix + Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)));

        // A broker that reads it meanwhile finds the old file or the new one, never half of it.
        var draft = $"{file}.new";
        File.Delete(draft);
        using (var writer = new StreamWriter(draft, NewFile(file)))
        {
            foreach (var each in lines)
                writer.WriteLine(each);
        }

        File.Move(draft, file, overwrite: true);
    }

    private static FileStreamOptions NewFile(string old)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = File.Exists(old)
                ? File.GetUnixFileMode(old)
                : UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        return options;
    }

    private static string ReadPassword()
    {
        if (Console.IsInputRedirected)
            return Console.In.ReadLine() ?? "";

        var password = Ask("Password: ");
        return Ask("Once more: ") == password ? password : throw new StartFailure("that was another one; nothing is changed");
    }

    private static string Ask(string question)
    {
        Console.Error.Write(question);
        var typed = new StringBuilder();
        while (Console.ReadKey(intercept: true) is { Key: not ConsoleKey.Enter } key)
        {
            if (key.Key is not ConsoleKey.Backspace)
                typed.Append(key.KeyChar);
            else if (typed.Length > 0)
                typed.Length--;
        }

        Console.Error.WriteLine();
        return typed.ToString();
    }
}
