using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Orleans.Mqtt.Silo;

/// <summary>What this process is. Section "Broker"; each setting has a short switch on the command line.</summary>
internal sealed class BrokerOptions
{
    public const string Section = "Broker";

    /// <summary>Address of health checks and management: http://ADDRESS:PORT. Switch: --admin.</summary>
    [Required]
    public string Admin { get; init; } = "http://127.0.0.1:8080";

    /// <summary>Folder of the embedded store. Switch: --data.</summary>
    [Required]
    public string Data { get; init; } = "./data";

    /// <summary>A Redis to use instead of the embedded store: HOST:PORT or a StackExchange.Redis string. Switch: --redis.</summary>
    public string? Redis { get; init; }

    /// <summary>Whether clients can connect to this process. Switch: --gateway.</summary>
    public bool Gateway { get; init; } = true;

    /// <summary>Name of the cluster; silos of one name on one Redis find each other. Switch: --cluster.</summary>
    [Required, RegularExpression("[A-Za-z0-9_.-]{1,64}")]
    public string Cluster { get; init; } = "orleans-mqtt";

    /// <summary>Port for other silos; 0 takes a free one. Switch: --silo-port.</summary>
    [Range(0, 65_535)]
    public int SiloPort { get; init; }

    /// <summary>Port for Orleans clients, such as gateways; 0 takes a free one. Switch: --orleans-port.</summary>
    [Range(0, 65_535)]
    public int OrleansPort { get; init; }

    /// <summary>Where to listen for other silos, if they reach <see cref="SiloPort"/> through a mapping of ports; 0: there.</summary>
    [Range(0, 65_535)]
    public int SiloListenPort { get; init; }

    /// <summary>The same for <see cref="OrleansPort"/>.</summary>
    [Range(0, 65_535)]
    public int OrleansListenPort { get; init; }

    /// <summary>
    /// Address, or name, by which other silos and gateways reach this one. Beyond the loopback it listens on every address.
    /// Switch: --advertise.
    /// </summary>
    [Required]
    public string Advertise { get; init; } = "127.0.0.1";

    /// <summary>A nats-server to mirror traffic to: nats://HOST:PORT. Switch: --nats.</summary>
    public string? Nats { get; init; }

    public bool IsEmbedded => string.IsNullOrEmpty(Redis);
}

[OptionsValidator]
internal sealed partial class BrokerOptionsValidator : IValidateOptions<BrokerOptions>;
