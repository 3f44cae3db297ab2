namespace Orleans.Mqtt.Tests.Support;

// What only tests of crashes do with a broker.
public sealed partial class TestBroker
{
    /// <summary>Where the embedded store keeps its files.</summary>
    public string Folder => _place.Folder;

    /// <summary>Starts the process and does not wait for it; <see cref="KillAsync"/> may come at any time.</summary>
    public void StartUnready() => _process = RunningProcess.Start(_peer.Command(_place, _arguments));
}
