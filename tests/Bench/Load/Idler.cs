namespace Orleans.Mqtt.Tests.Bench.Load;

/// <summary>Connects and says no more.</summary>
internal sealed class Idler(LoadThread thread, string clientId) : Client(thread, clientId, isClean: true);
