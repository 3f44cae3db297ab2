using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Orleans.Mqtt.Gateway.Hosting;

/// <summary>What a gateway apart must know of its cluster. Section "Broker", the names being those of the silo.</summary>
internal sealed class GatewayProcessOptions
{
    public const string Section = "Broker";

    /// <summary>Address of health checks: http://ADDRESS:PORT. Switch: --admin.</summary>
    [Required]
    public string Admin { get; init; } = "http://127.0.0.1:8081";

    /// <summary>The Redis of the cluster: HOST:PORT or a StackExchange.Redis string. Switch: --redis.</summary>
    [Required(ErrorMessage = "--redis: a gateway of its own needs the Redis of its cluster")]
    public string? Redis { get; init; }

    /// <summary>Name of the cluster. Switch: --cluster.</summary>
    [Required, RegularExpression("[A-Za-z0-9_.-]{1,64}")]
    public string Cluster { get; init; } = "orleans-mqtt";
}

[OptionsValidator]
internal sealed partial class GatewayProcessOptionsValidator : IValidateOptions<GatewayProcessOptions>;
