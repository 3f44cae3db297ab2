namespace Orleans.Mqtt.Silo;

/// <summary>The process cannot start as it is set up; the message is one line that names the setting.</summary>
internal sealed class StartFailure(string message, Exception? cause = null) : Exception(message, cause);
