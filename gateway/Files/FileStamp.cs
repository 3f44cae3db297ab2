namespace Orleans.Mqtt.Gateway.Files;

/// <summary>What shows that a file is another one than before. A link counts as what it leads to.</summary>
internal readonly record struct FileStamp(DateTime Written, long Length, string? Target)
{
    public static FileStamp[] Of(IReadOnlyList<string> paths) => [.. paths.Select(Of)];

    private static FileStamp Of(string path)
    {
        try
        {
            // Secrets in Kubernetes are links to links: only the last target changes, and with it neither name nor link.
            var file = new FileInfo(path);
            var target = file.ResolveLinkTarget(returnFinalTarget: true) as FileInfo ?? file;
            return target.Exists ? new FileStamp(target.LastWriteTimeUtc, target.Length, target.FullName) : default;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return default; // as good as not there; whoever reads it says why
        }
    }
}
