namespace Orleans.Mqtt.Tests.Durability.Audit;

/// <summary>A message that reached a subscriber's application.</summary>
internal readonly record struct Receipt(int Stream, int Number);
