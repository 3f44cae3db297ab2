using Microsoft.Extensions.Options;
using Orleans.Mqtt.Client;
using Orleans.Mqtt.Streams;

namespace Orleans.Mqtt.Silo.Streams;

/// <summary>Streams in a silo.</summary>
internal static class StreamsHosting
{
    // Each is asked ten times a second whether it has something, also when it never has.
    private const int Queues = 4;

    /// <summary>Where Orleans keeps who is subscribed to which stream.</summary>
    public const string Subscriptions = "PubSubStore";

    public static bool AreEnabled(IConfiguration settings) =>
        settings.GetSection(StreamsOptions.Section).Get<StreamsOptions>() is { Enabled: true };

    public static void AddMqttStreams(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<StreamsOptions>().BindConfiguration(StreamsOptions.Section).ValidateOnStart();
        builder.Services.AddSingleton<IValidateOptions<StreamsOptions>, StreamsCheck>();
        if (!AreEnabled(builder.Configuration))
            return;

        builder.Services.AddHostedService<StreamKeeper>();
        builder.UseOrleans(silo => silo.AddMemoryStreams(
            MqttStreams.Carrier, streams => streams.ConfigurePartitioning(Queues)));
        builder.Services.AddMqttStreamProvider();
    }
}
