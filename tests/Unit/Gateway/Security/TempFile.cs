namespace Orleans.Mqtt.Tests.Unit.Gateway.Security;

/// <summary>A file that goes when the test ends.</summary>
internal sealed class TempFile : IDisposable
{
    public TempFile(string text) => Write(text);

    public string Path { get; } = System.IO.Path.GetTempFileName();

    public void Write(string text) => File.WriteAllText(Path, text);

    public void Dispose() => File.Delete(Path);
}
