namespace Orleans.Mqtt.Protocol;

/// <summary>How hard sender and receiver try, chapter 4.3.</summary>
public enum QoS : byte
{
    AtMostOnce = 0,
    AtLeastOnce = 1,
    ExactlyOnce = 2,
}
