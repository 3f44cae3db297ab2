namespace Orleans.Mqtt.Tests.Durability.Audit;

/// <summary>What one publisher says on one topic with one QoS, numbered from 0: the unit of order (promise P3).</summary>
internal sealed record MessageStream(int Index, string Publisher, string Topic, int QoS);
