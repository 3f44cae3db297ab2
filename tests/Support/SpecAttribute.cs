using Xunit.v3;

namespace Orleans.Mqtt.Tests.Support;

/// <summary>
/// Names the statements of the standard that a test holds the broker to, by their numbers: in MQTT 5 below a namespace
/// V5, in MQTT 3.1.1 elsewhere.
/// </summary>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
public sealed class SpecAttribute(params string[] clauses) : Attribute, ITraitAttribute
{
    public IReadOnlyList<string> Clauses => clauses;

    public IReadOnlyCollection<KeyValuePair<string, string>> GetTraits() =>
        [.. clauses.Select(clause => KeyValuePair.Create("Spec", clause))];
}
