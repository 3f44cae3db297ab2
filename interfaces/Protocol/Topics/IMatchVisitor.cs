namespace Orleans.Mqtt.Protocol.Topics;

/// <summary>Is shown what a topic tree finds, one value at a time; a struct, so that matching allocates nothing.</summary>
public interface IMatchVisitor<in T>
    where T : class
{
    /// <summary>Takes one match. False ends the search.</summary>
    bool Visit(T value);
}
