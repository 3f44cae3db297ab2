using System.Security.Cryptography;
using Org.BouncyCastle.Math.EC.Rfc8032;

namespace NATS.NKeys;

/// <summary>
/// An Ed25519 key pair as NATS writes it down: what NATS.Net needs of the package of this name, to sign a server's challenge.
/// </summary>
public sealed class KeyPair : IDisposable
{
    private readonly byte[] _seed;
    private readonly byte _kind;
    private bool _isDisposed;

    private KeyPair(byte[] seed, byte kind)
    {
        _seed = seed;
        _kind = kind;
    }

    /// <summary>Reads a seed such as <c>SUA...</c>.</summary>
    /// <exception cref="FormatException">It is no seed, or was mistyped.</exception>
    public static KeyPair FromSeed(ReadOnlySpan<char> encodedSeed)
    {
        var (kind, seed) = KeyText.DecodeSeed(encodedSeed);
        return new KeyPair(seed, kind);
    }

    /// <summary>Writes the 64 bytes of the signature.</summary>
    public void Sign(ReadOnlyMemory<byte> message, Memory<byte> signature)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (signature.Length < Ed25519.SignatureSize)
            throw new ArgumentException($"A signature has {Ed25519.SignatureSize} bytes.", nameof(signature));

        var signed = new byte[Ed25519.SignatureSize];
        Ed25519.Sign(_seed, 0, message.ToArray(), 0, message.Length, signed, 0);
        signed.CopyTo(signature);
    }

    /// <summary>The public key as a server's configuration has it, such as <c>UA...</c> for a user.</summary>
    public string GetPublicKey()
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        var key = new byte[Ed25519.PublicKeySize];
        Ed25519.GeneratePublicKey(_seed, 0, key, 0);
        return KeyText.EncodePublicKey(_kind, key);
    }

    /// <summary>Forgets the seed.</summary>
    public void Dispose()
    {
        _isDisposed = true;
        CryptographicOperations.ZeroMemory(_seed);
    }
}
