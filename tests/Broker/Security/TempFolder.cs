namespace Orleans.Mqtt.Tests.Broker.Security;

/// <summary>A folder that goes when the test ends.</summary>
internal sealed class TempFolder : IDisposable
{
    private readonly string _path = Directory.CreateTempSubdirectory("mqtt-test-").FullName;

    public string File(string name) => Path.Combine(_path, name);

    public void Write(string name, string text) => System.IO.File.WriteAllText(File(name), text);

    public void Dispose() => Directory.Delete(_path, recursive: true);
}
