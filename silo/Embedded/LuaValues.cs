using System.Globalization;
using System.Text;
using KeraLua;

namespace Orleans.Mqtt.Silo.Embedded;

/// <summary>Values on their way between Lua and the protocol, by the rules of Redis.</summary>
internal static class LuaValues
{
    /// <summary>An argument of <c>redis.call</c>.</summary>
    public static byte[] Argument(Lua lua, int index) => lua.Type(index) switch
    {
        LuaType.String => lua.ToBuffer(index),
        LuaType.Number when lua.IsInteger(index) => Arguments.Number(lua.ToInteger(index)),
        LuaType.Number => NumberOf(lua.ToNumber(index)),
        _ => throw new CommandException("ERR Lua redis lib command arguments must be strings or integers"),
    };

    /// <summary>Pushes a reply as a Lua value: nil is false, statuses and errors are tables.</summary>
    public static void Push(Lua lua, ReadOnlySpan<byte> reply)
    {
        var at = 0;
        PushNext(lua, reply, ref at);
    }

    /// <summary>Writes what a script returned.</summary>
    public static void Answer(Lua lua, int index, Replies replies)
    {
        switch (lua.Type(index))
        {
            case LuaType.String:
                replies.Bulk(lua.ToBuffer(index));
                break;

            case LuaType.Number:
                replies.Integer(lua.IsInteger(index) ? lua.ToInteger(index) : (long)lua.ToNumber(index));
                break;

            case LuaType.Boolean when lua.ToBoolean(index):
                replies.Integer(1);
                break;

            case LuaType.Table:
                AnswerTable(lua, index, replies);
                break;

            default:
                replies.Null();
                break;
        }
    }

    private static void AnswerTable(Lua lua, int index, Replies replies)
    {
        var table = lua.AbsIndex(index);
        if (Field(lua, table, "ok") is { } status)
        {
            replies.Status(status);
        }
        else if (Field(lua, table, "err") is { } error)
        {
            replies.Error(Encoding.UTF8.GetString(error));
        }
        else
        {
            var count = 0;
            while (lua.RawGetInteger(table, count + 1) is not LuaType.Nil)
            {
                lua.Pop(1);
                count++;
            }

            lua.Pop(1);
            replies.Array(count);
            for (var item = 1; item <= count; item++)
            {
                lua.RawGetInteger(table, item);
                Answer(lua, -1, replies);
                lua.Pop(1);
            }
        }
    }

    private static byte[]? Field(Lua lua, int table, string name)
    {
        lua.PushString(name);
        var value = lua.RawGet(table) is LuaType.String ? lua.ToBuffer(-1) : null;
        lua.Pop(1);
        return value;
    }

    private static void PushNext(Lua lua, ReadOnlySpan<byte> reply, ref int at)
    {
        var end = at + reply[at..].IndexOf("\r\n"u8);
        var line = reply[(at + 1)..end];
        var kind = reply[at];
        at = end + 2;
        switch (kind)
        {
            case (byte)':':
                lua.PushInteger(NumberIn(line));
                break;

            case (byte)'$' when NumberIn(line) >= 0:
                var length = (int)NumberIn(line);
                lua.PushBuffer(reply.Slice(at, length).ToArray());
                at += length + 2;
                break;

            case (byte)'*' when NumberIn(line) >= 0:
                PushArray(lua, (int)NumberIn(line), reply, ref at);
                break;

            case (byte)'+' or (byte)'-':
                lua.CreateTable(0, 1);
                lua.PushBuffer(line.ToArray());
                lua.SetField(-2, kind is (byte)'+' ? "ok" : "err");
                break;

            default:
                lua.PushBoolean(false);
                break;
        }
    }

    private static void PushArray(Lua lua, int count, ReadOnlySpan<byte> reply, ref int at)
    {
        lua.CreateTable(count, 0);
        for (var item = 1; item <= count; item++)
        {
            PushNext(lua, reply, ref at);
            lua.RawSetInteger(-2, item);
        }
    }

    private static long NumberIn(ReadOnlySpan<byte> line) => long.Parse(line, CultureInfo.InvariantCulture);

    private static byte[] NumberOf(double value) => value == Math.Truncate(value) && Math.Abs(value) < 1e15
        ? Arguments.Number((long)value)
        : Encoding.ASCII.GetBytes(value.ToString("R", CultureInfo.InvariantCulture));
}
