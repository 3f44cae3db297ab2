namespace Orleans.Mqtt.Tests.Support;

/// <summary>Names that no other test uses, so that all of them can talk to one broker at the same time.</summary>
public static class Unique
{
    private static int _last;

    /// <summary>Letters and digits, short enough for MQTT 3.1, which stops at 23.</summary>
    public static string ClientId(string prefix = "c") => prefix + Token();

    public static string Topic(string prefix = "t") => $"{prefix}/{Token()}";

    /// <summary>None is the beginning of another.</summary>
    public static string Token() => $"{Environment.ProcessId:x}x{Interlocked.Increment(ref _last):x}z";
}
