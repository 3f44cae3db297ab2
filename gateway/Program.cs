using Orleans.Mqtt.Gateway.Hosting;

return await Start.RunAsync(async () =>
{
    await using var gateway = GatewayProcess.Build(args);
    await gateway.RunAsync();
});
