using Orleans.Mqtt.Gateway.Hosting;
using Orleans.Mqtt.Silo;

if (HelpCommand.IsMeant(args))
    return HelpCommand.Run(args);
if (PasswordCommand.IsMeant(args))
    return PasswordCommand.Run(args);

return await Start.RunAsync(async () =>
{
    await using var broker = Broker.Build(args);
    await broker.RunAsync();
});
