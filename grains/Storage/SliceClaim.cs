namespace Orleans.Mqtt.Grains.Storage;

/// <summary>The right to write one slice. A claim that came later ends it: what is written then goes where nobody reads.</summary>
internal sealed class SliceClaim
{
    public required string Name { get; init; }

    public required int Slice { get; init; }

    /// <summary>Who writes. Greater than every earlier owner of the slice.</summary>
    public required long Owner { get; init; }

    /// <summary>The version that the slice had when it was claimed, 0 where none was ever noted.</summary>
    public required long Version { get; init; }

    internal required byte[] OwnerKey { get; init; }

    internal required byte[] Key { get; init; }
}
