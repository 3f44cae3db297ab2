namespace Orleans.Mqtt.Tests.Broker.Conformance;

/// <summary>One normative statement of a standard.</summary>
/// <param name="Number">As the standard has it.</param>
/// <param name="Wording">What it asks for, in words of our own; none for MQTT 3.1.1.</param>
/// <param name="Remark">What there is to say, above all why there is no test.</param>
internal sealed record Statement(string Number, string Wording, string Remark);
