namespace Orleans.Mqtt.Tests.Support; public sealed class Placeholder;
