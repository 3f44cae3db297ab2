namespace Orleans.Mqtt.Silo.Nats;

/// <summary>NATS is there, but the stream takes no messages now.</summary>
internal sealed class StreamAwayException(string reason, Exception? cause = null) : Exception(reason, cause);
