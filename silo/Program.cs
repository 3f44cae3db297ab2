using Orleans.Mqtt.Gateway.Hosting;
using Orleans.Mqtt.Silo;

return await Start.RunAsync(async () =>
{
    await using var broker = Broker.Build(args);
    await broker.RunAsync();
});
