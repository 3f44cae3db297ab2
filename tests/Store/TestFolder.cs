namespace Orleans.Mqtt.Tests.Store;

/// <summary>A folder of one test, gone after it.</summary>
internal sealed class TestFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("mqtt-store-").FullName;

    public long Size => Directory.EnumerateFiles(Path, "*", SearchOption.AllDirectories).Sum(SizeOf);

    public void Dispose() => Directory.Delete(Path, recursive: true);

    private static long SizeOf(string file)
    {
        try
        {
            return new FileInfo(file).Length;
        }
        catch (FileNotFoundException)
        {
            return 0; // the store has just cut its log
        }
    }
}
