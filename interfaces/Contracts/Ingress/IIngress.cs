namespace Orleans.Mqtt.Ingress;

/// <summary>
/// Where a gateway hands in what its clients said. Co-hosted it is the router itself; apart it is a lane to a silo.
/// </summary>
public interface IIngress
{
    /// <summary>
    /// Stores what must be known before live copies leave: retained messages. A publisher's next batch may be admitted
    /// when this one has been admitted and <see cref="Route"/> has been called for it; so order holds.
    /// </summary>
    ValueTask Admit(PublicationBatch batch);

    /// <summary>Waits while too much is on its way already; at once otherwise. For messages that are to be acknowledged.</summary>
    ValueTask WaitForRoom();

    /// <summary>
    /// Hands the batch to everyone who wants it. Order is fixed when the call returns; the task ends when every
    /// persistent session has stored its copy, so that an acknowledgement may be built on it. It fails when that could
    /// not be learnt; then nothing may be acknowledged.
    /// </summary>
    ValueTask Route(PublicationBatch batch);
}
