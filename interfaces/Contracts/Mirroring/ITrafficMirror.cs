using Orleans.Mqtt.Ingress;

namespace Orleans.Mqtt.Mirroring;

/// <summary>Is told what a silo routes and what becomes of its clients. A silo may have none; then it costs nothing.</summary>
public interface ITrafficMirror
{
    /// <summary>Whether anybody is to hear of <see cref="Tell"/>.</summary>
    bool HearsOfClients { get; }

    /// <summary>
    /// Takes a copy of what has just been routed. The task is complete when the call returns, unless acknowledgements are to
    /// wait for the mirror: then it ends when the copy is safe, and the batch must stay as it is until then.
    /// </summary>
    ValueTask Mirror(PublicationBatch batch);

    /// <summary>Takes note of what has become of a client. Never waits.</summary>
    void Tell(ClientEvent happened);
}
