using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Mqtt.Client;
using Orleans.Mqtt.Samples.PlantMonitor;

// A process of its own beside the broker, on the same Redis: dotnet run --project samples/PlantMonitor -- --redis HOST:PORT
var builder = Host.CreateApplicationBuilder(args);
builder.AddOrleansMqttClient(builder.Configuration["redis"] ?? "localhost:6379");
builder.Services.AddSingleton<Readings>();
builder.Services.AddHostedService<Thermometers>();
builder.Services.AddHostedService<Questions>();
await builder.Build().RunAsync();
