namespace Orleans.Mqtt.Silo.Embedded;

/// <summary>A command cannot be done as asked; the message is the error reply, its kind first.</summary>
internal sealed class CommandException(string reply) : Exception(reply);
