using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Orleans.Mqtt.Silo.Management;

/// <summary>The OpenAPI document at /openapi/v1.json.</summary>
internal static class ApiDocument
{
    public const string Name = "v1";

    private const string Scheme = "key";

    public static void Describe(OpenApiOptions options)
    {
        options.ShouldInclude = call => call.RelativePath is { } path
            && (path.StartsWith("api/", StringComparison.Ordinal) || path.StartsWith("mqtt/", StringComparison.Ordinal));
        options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info.Title = "Orleans.Mqtt";
            document.Info.Version = Name;
            document.Info.Description = "Lists and steers what is in the broker. Errors are problem details (RFC 9457).";
            document.Servers = []; // wherever the admin address is
            document.Components ??= new OpenApiComponents();
            document.Components.SecuritySchemes ??= new Dictionary<string, IOpenApiSecurityScheme>();
            document.Components.SecuritySchemes[Scheme] = new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.Http,
                Scheme = "bearer",
                Description = "A key of Management:ApiKeys; not needed on this machine where there is none.",
            };
            document.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(Scheme, document)] = [] }];
            return Task.CompletedTask;
        });
    }
}
