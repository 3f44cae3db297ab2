namespace Orleans.Mqtt.Tests.Bench.Load;

/// <summary>A run that cannot be measured, and why.</summary>
internal sealed class BrokenRunException(string message) : Exception(message);
