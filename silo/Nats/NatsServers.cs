using System.Text;
using NATS.Client.Core;
using NATS.NKeys;
using Orleans.Mqtt.Gateway.Hosting;

namespace Orleans.Mqtt.Silo.Nats;

/// <summary>Where NATS is and how we log in there.</summary>
internal sealed class NatsServers
{
    private static readonly string[] _schemes = ["nats", "tls"];

    private readonly Uri[] _servers;

    public NatsServers(string setting, NatsOptions options, string cluster)
    {
        _servers = [.. setting.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(Parse)];
        if (_servers.Length == 0)
            throw new StartFailure("--nats: no server is named");

        Options = new NatsOpts
        {
            Url = string.Join(',', _servers.Select(server => server.OriginalString)),
            Name = $"Orleans.Mqtt {cluster}",
            AuthOpts = LoginOf(options),
            TlsOpts = new NatsTlsOpts
            {
                CaFile = options.CaFile,
                CertFile = options.CertificateFile,
                KeyFile = options.KeyFile,
            },
            // Topics, client ids and user properties are UTF-8; NATS itself does not look.
            HeaderEncoding = Encoding.UTF8,
            ConnectTimeout = options.Timeout,
            CommandTimeout = options.Timeout,
            RequestTimeout = options.Timeout,
            PingInterval = TimeSpan.FromSeconds(10),
            SubPendingChannelCapacity = options.MaximumWaiting,
        };
        Text = string.Join(", ", _servers.Select(server => $"{server.Scheme}://{server.Authority}"));
    }

    /// <summary>For a connection that lives once.</summary>
    public NatsOpts Options { get; }

    /// <summary>The addresses, without what may be a password.</summary>
    public string Text { get; }

    private static Uri Parse(string server)
    {
        var text = server.Contains("://", StringComparison.Ordinal) ? server : $"nats://{server}";

        // The message does not repeat the address: it may have a password in it.
        return Uri.TryCreate(text, UriKind.Absolute, out var uri) && _schemes.Contains(uri.Scheme) && uri.Host.Length > 0
            ? uri
            : throw new StartFailure("--nats: not addresses of the form nats://HOST:PORT[,nats://HOST:PORT]");
    }

    private static NatsAuthOpts LoginOf(NatsOptions options)
    {
        var seed = options.NKeyFile is { Length: > 0 } file ? SeedIn(file) : options.NKeySeed;
        return new NatsAuthOpts
        {
            Username = options.User,
            Password = options.Password,
            Token = options.Token,
            CredsFile = options.CredentialsFile is { Length: > 0 } credentials ? DemandFile(credentials) : null,
            Seed = seed,
            NKey = string.IsNullOrEmpty(seed) ? null : PublicKeyOf(seed),
        };
    }

    private static string PublicKeyOf(string seed)
    {
        try
        {
            using var pair = KeyPair.FromSeed(seed);
            return pair.GetPublicKey();
        }
        catch (FormatException wrong)
        {
            throw new StartFailure($"Nats:NKeySeed: {wrong.Message}", wrong);
        }
    }

    // The file may also hold the public key, or remarks.
    private static string SeedIn(string file) =>
        File.ReadLines(DemandFile(file)).Select(line => line.Trim()).FirstOrDefault(line => line.StartsWith("SU", StringComparison.Ordinal))
        ?? throw new StartFailure($"Nats:NKeyFile: there is no line with a seed in {file}");

    private static string DemandFile(string file) =>
        File.Exists(file) ? file : throw new StartFailure($"Nats: there is no file {file}");
}
