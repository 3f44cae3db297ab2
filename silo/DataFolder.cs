namespace Orleans.Mqtt.Silo;

/// <summary>The folder of an embedded store, held by one broker at a time.</summary>
internal sealed class DataFolder : IDisposable
{
    private const string LockName = "broker.lock";
    private readonly FileStream _lock;

    private DataFolder(string path, FileStream held)
    {
        Path = path;
        _lock = held;
    }

    public string Path { get; }

    /// <summary>Makes the folder where needed, and holds it until disposed (or until the process is gone).</summary>
    public static DataFolder Hold(string path)
    {
        var full = System.IO.Path.GetFullPath(path);
        try
        {
            if (OperatingSystem.IsWindows())
                Directory.CreateDirectory(full);
            else
                Directory.CreateDirectory(full, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw Unusable(full, failure);
        }

        return new DataFolder(full, Lock(full));
    }

    public void Dispose() => _lock.Dispose();

    private static FileStream Lock(string folder)
    {
        var path = System.IO.Path.Combine(folder, LockName);
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException taken) when (File.Exists(path) && taken is not PathTooLongException)
        {
            throw new DataFolderException(
                $"Another broker uses the data folder '{folder}'. Stop it, or choose another folder with --data.", taken);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw Unusable(folder, failure);
        }
    }

    public static DataFolderException Unusable(string folder, Exception failure) => new(
        $"The data folder '{folder}' cannot be written: {failure.Message} Choose another one with --data.", failure);
}
