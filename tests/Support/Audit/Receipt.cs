namespace Orleans.Mqtt.Tests.Support.Audit;

/// <summary>A message that reached a subscriber's application.</summary>
internal readonly record struct Receipt(int Stream, int Number);

/// <summary>When a message arrived, and on which connection.</summary>
internal readonly record struct Arrival(Receipt Message, long At, int Visit);
