using Orleans.Mqtt.Ingress;
using Orleans.Mqtt.Mirroring;

namespace Orleans.Mqtt.Tests.Unit.Grains.Routing;

/// <summary>A mirror that is as slow as a test wants it.</summary>
internal sealed class FakeMirror : ITrafficMirror
{
    public List<string> Heard { get; } = [];

    public List<ClientEvent> Told { get; } = [];

    public Task Safe { get; set; } = Task.CompletedTask;

    public bool HearsOfClients => true;

    public ValueTask Mirror(PublicationBatch batch)
    {
        foreach (var record in batch.Records)
            Heard.Add(Records.PayloadOf(record));
        return new ValueTask(Safe);
    }

    public void Tell(ClientEvent happened) => Told.Add(happened);
}
