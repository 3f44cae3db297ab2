using Orleans.Mqtt.Gateway.Hosting;

namespace Orleans.Mqtt.Silo;

/// <summary>The folder for the embedded store cannot be used; the message says why and what to do.</summary>
internal sealed class DataFolderException(string message, Exception cause) : StartFailure(message, cause);
