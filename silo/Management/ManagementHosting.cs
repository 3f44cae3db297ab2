using System.Text.Json.Serialization;
using Microsoft.Extensions.Options;
using Orleans.Mqtt.Gateway.Hosting.Admin;

namespace Orleans.Mqtt.Silo.Management;

/// <summary>The HTTP API: /api/v1, Mithqtt's calls under /mqtt/clients, and what describes them both.</summary>
internal static class ManagementHosting
{
    public static void AddManagement(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddOptions<ManagementOptions>().BindConfiguration(ManagementOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<ManagementOptions>, ManagementOptionsValidator>();
        services.AddProblemDetails();
        services.AddExceptionHandler<Failures>();
        services.Configure<RouteHandlerOptions>(routes => routes.ThrowOnBadRequest = true); // so that the answer says what is bad
        services.ConfigureHttpJsonOptions(json =>
        {
            json.SerializerOptions.DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull;
            json.SerializerOptions.NumberHandling = JsonNumberHandling.Strict;
            json.SerializerOptions.UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow; // a mistyped name is told
        });
        services.AddOpenApi(ApiDocument.Name, ApiDocument.Describe);
    }

    public static void UseManagement(this WebApplication app)
    {
        app.UseExceptionHandler();
        app.UseStatusCodePages();
        app.Use((context, next) =>
        {
            ClientIds.Restore(context);
            return next(context);
        });

        var options = app.Services.GetRequiredService<IOptions<ManagementOptions>>().Value;
        var api = app.MapGroup(AdminAddress.ApiPath + "/v1")
            .WithMetadata(new BodyLimit(options.MaximumPayload))
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status401Unauthorized)
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable);
        api.MapClients();
        api.MapSubscriptions();
        api.MapPublishing();
        api.MapRetained();
        api.MapCluster();
        app.MapMithqtt();
        app.MapOpenApi(AdminAddress.OpenApiPath + "/{documentName}.json");
    }
}
