namespace Orleans.Mqtt.Gateway.Hosting;

/// <summary>The process cannot start as it is set up; the message is one line that names the setting.</summary>
internal class StartFailure(string message, Exception? cause = null) : Exception(message, cause);
