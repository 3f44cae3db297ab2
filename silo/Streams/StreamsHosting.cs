using Orleans.Mqtt.Client;
using Orleans.Mqtt.Streams;

namespace Orleans.Mqtt.Silo.Streams;

/// <summary>Streams in a silo.</summary>
internal static class StreamsHosting
{
    // Each is asked ten times a second whether it has something, also when it never has.
    private const int Queues = 4;

    public static void AddMqttStreams(this WebApplicationBuilder builder)
    {
        var section = builder.Configuration.GetSection(StreamsOptions.Section);
        builder.Services.AddOptions<StreamsOptions>().Bind(section);
        if (section.Get<StreamsOptions>() is not { Enabled: true })
            return;

        builder.Services.AddHostedService<StreamKeeper>();
        builder.UseOrleans(silo => silo.AddMemoryStreams(
            MqttStreams.Carrier, streams => streams.ConfigurePartitioning(Queues)));
        builder.Services.AddMqttStreamProvider();
    }
}
