using Orleans.Mqtt.Gateway.Hosting;

if (HelpCommand.IsMeant(args))
    return HelpCommand.Run(args);
if (PasswordCommand.IsMeant(args))
    return PasswordCommand.Run(args);

return await Start.RunAsync(async () =>
{
    await using var gateway = GatewayProcess.Build(args);
    await gateway.RunAsync();
});
