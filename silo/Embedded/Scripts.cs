using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using KeraLua;

namespace Orleans.Mqtt.Silo.Embedded;

/// <summary>Lua scripts, as in Redis: <c>redis.call</c> and <c>redis.pcall</c> on this database, KEYS and ARGV.</summary>
internal sealed class Scripts : IDisposable
{
    // An error must not jump over frames of ours, so redis.call raises it on the Lua side.
    private const string Prelude = """
        local run = ...
        redis = {}
        function redis.pcall(...) return run(...) end
        function redis.call(...)
            local answer = run(...)
            if type(answer) == 'table' and answer.err then error(answer.err, 0) end
            return answer
        end
        function redis.status_reply(text) return { ok = text } end
        function redis.error_reply(text) return { err = text } end
        unpack = table.unpack
        os, io, package, debug, require, dofile, loadfile = nil, nil, nil, nil, nil, nil, nil
        """;

    private const int MostScripts = 500;
    private readonly Database _database;
    private readonly Replies _replies = new();
    private readonly Dictionary<string, int> _compiled = new(StringComparer.OrdinalIgnoreCase);
    private readonly LuaFunction _run;
    private Lua? _lua;

    public Scripts(Database database)
    {
        _database = database;
        _run = Run; // kept, or the collector would take it while Lua still has it
    }

    /// <summary>Compiles a script, and returns the name that EVALSHA knows it by.</summary>
    public string Load(ReadOnlySpan<byte> script)
    {
        var name = Convert.ToHexStringLower(SHA1Of(script));
        if (_compiled.ContainsKey(name))
            return name;

        if (_compiled.Count == MostScripts)
            Forget();

        var lua = _lua ??= Start();
        if (lua.LoadBuffer(script.ToArray(), "script") is not LuaStatus.OK)
            throw Failure(lua);

        _compiled[name] = lua.Ref(LuaRegistry.Index);
        return name;
    }

    public bool Knows(string name) => _compiled.ContainsKey(name);

    /// <summary>Runs it as one entry of the log. The arguments are those of EVALSHA: name, number of keys, keys, others.</summary>
    public void Evaluate(string name, Arguments command, Replies replies)
    {
        if (!_compiled.TryGetValue(name, out var function))
            throw new CommandException("NOSCRIPT No matching script. Please use EVAL.");

        var keys = command.Integer(2);
        if (keys < 0 || keys > command.Count - 3)
            throw new CommandException("ERR Number of keys can't be greater than number of args");

        var lua = _lua!;
        SetTable(lua, "KEYS", command, 3, (int)keys);
        SetTable(lua, "ARGV", command, 3 + (int)keys, command.Count - 3 - (int)keys);
        lua.RawGetInteger(LuaRegistry.Index, function);
        var status = LuaStatus.OK;
        _database.Group(() => status = lua.PCall(0, 1, 0));
        if (status is not LuaStatus.OK)
            throw Failure(lua);

        LuaValues.Answer(lua, -1, replies);
        lua.SetTop(0);
    }

    public void Dispose() => _lua?.Dispose();

    // Clients load theirs again when they hear NOSCRIPT.
    private void Forget()
    {
        _lua?.Dispose();
        _lua = null;
        _compiled.Clear();
    }

    private Lua Start()
    {
        var lua = new Lua(openLibs: true);
        if (lua.LoadString(Prelude) is not LuaStatus.OK)
            throw Failure(lua);

        lua.PushCFunction(_run);
        if (lua.PCall(1, 0, 0) is not LuaStatus.OK)
            throw Failure(lua);

        return lua;
    }

    private int Run(nint state)
    {
        var lua = Lua.FromIntPtr(state);
        _replies.Clear();
        try
        {
            var parts = new byte[lua.GetTop()][];
            for (var index = 0; index < parts.Length; index++)
                parts[index] = LuaValues.Argument(lua, index + 1);

            if (parts.Length is 0)
                _replies.Error("ERR Please specify at least one argument for this redis lib call");
            else
                _database.Execute(Arguments.Of(parts), _replies);
        }
        catch (CommandException refused)
        {
            _replies.Error(refused.Message);
        }

        LuaValues.Push(lua, _replies.Written.Span);
        return 1;
    }

    private static void SetTable(Lua lua, string name, Arguments command, int from, int count)
    {
        lua.CreateTable(count, 0);
        for (var index = 0; index < count; index++)
        {
            lua.PushBuffer(command[from + index].ToArray());
            lua.RawSetInteger(-2, index + 1);
        }

        lua.SetGlobal(name);
    }

    private static CommandException Failure(Lua lua)
    {
        var text = lua.ToBuffer(-1) is { } bytes ? Encoding.UTF8.GetString(bytes) : "unknown";
        lua.SetTop(0);
        var first = text.Split(' ', 2)[0];
        var hasKind = first.Length > 0 && first.All(char.IsAsciiLetterUpper);
        return new CommandException(hasKind ? text : string.Create(CultureInfo.InvariantCulture, $"ERR {text}"));
    }

    // The protocol names scripts so; nothing here relies on it for safety.
#pragma warning disable CA5350
    private static byte[] SHA1Of(ReadOnlySpan<byte> script) => SHA1.HashData(script);
#pragma warning restore CA5350
}
