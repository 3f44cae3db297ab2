using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Orleans.Mqtt.Silo.Nats;

/// <summary>How traffic is mirrored to NATS and taken in from there. Section "Nats"; the servers are named by --nats.</summary>
internal sealed class NatsOptions
{
    public const string Section = "Nats";

    // Tokens of a subject. None at all switches a direction off.
    private const string Subject = @"([A-Za-z0-9_$-]+(\.[A-Za-z0-9_$-]+)*)?";

    /// <summary>Subjects of the copies begin with this; empty: no copies.</summary>
    [RegularExpression(Subject)]
    public string Prefix { get; init; } = "mqtt";

    /// <summary>Subjects of what becomes of clients begin with this; empty: nothing is told of them.</summary>
    [RegularExpression(Subject)]
    public string EventsPrefix { get; init; } = "mqtt-events";

    /// <summary>What is sent to subjects that begin with this is published to MQTT; empty: nothing is.</summary>
    [RegularExpression(Subject)]
    public string InPrefix { get; init; } = "mqtt-in";

    /// <summary>Silos that share a message from NATS between them; the name of the cluster when not set.</summary>
    [RegularExpression(Subject)]
    public string? QueueGroup { get; init; }

    /// <summary>Names the copies of this cluster, so that none comes back in; the name of the cluster when not set.</summary>
    [RegularExpression(@"[A-Za-z0-9_.-]{1,64}")]
    public string? Origin { get; init; }

    public string? User { get; init; }

    public string? Password { get; init; }

    public string? Token { get; init; }

    /// <summary>File with a user's JWT and seed, as the tool "nsc" writes it.</summary>
    public string? CredentialsFile { get; init; }

    /// <summary>The seed of a user's NKey, which begins with SU.</summary>
    public string? NKeySeed { get; init; }

    /// <summary>File with such a seed.</summary>
    public string? NKeyFile { get; init; }

    /// <summary>PEM file of the authority that the server's certificate must be of. With it TLS is demanded.</summary>
    public string? CaFile { get; init; }

    /// <summary>PEM file of our certificate, for servers that want one.</summary>
    public string? CertificateFile { get; init; }

    /// <summary>PEM file of its private key.</summary>
    public string? KeyFile { get; init; }

    /// <summary>Publish the copies to a stream, and send again what it has not acknowledged.</summary>
    public bool JetStream { get; init; }

    /// <summary>The stream; it is made when there is none of the name.</summary>
    [RegularExpression(@"[^\s.*>/\\]{1,64}")]
    public string Stream { get; init; } = "MQTT";

    /// <summary>Size of a stream that is made here, in bytes; the oldest messages go first.</summary>
    [Range(1_048_576, long.MaxValue)]
    public long StreamBytes { get; init; } = 1024L * 1024 * 1024;

    /// <summary>Acknowledge to MQTT publishers only what the stream has; not ready while it is away.</summary>
    public bool Required { get; init; }

    /// <summary>Bytes of copies that wait for NATS; beyond them nothing is copied, or, when required, publishers wait.</summary>
    [Range(65_536, int.MaxValue)]
    public long BufferBytes { get; init; } = 64L * 1024 * 1024;

    /// <summary>How long NATS may take to connect, or to confirm what it was sent, before it counts as away.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:10:00")]
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Between two attempts to reach NATS.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:10:00")]
    public TimeSpan ReconnectPause { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Messages from NATS that wait to be published; more are dropped.</summary>
    [Range(1, 1_000_000)]
    public int MaximumWaiting { get; init; } = 8_192;

    /// <summary>Batches from NATS that may wait for the store before no more are taken.</summary>
    [Range(1, 1_000)]
    public int MaximumUnansweredBatches { get; init; } = 64;
}

[OptionsValidator]
internal sealed partial class NatsOptionsValidator : IValidateOptions<NatsOptions>;
