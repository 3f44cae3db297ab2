using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Orleans.Mqtt.Gateway.Listeners;
using Orleans.Mqtt.Security;

namespace Orleans.Mqtt.Gateway.Security;

/// <summary>Who may come in, and what they may do. Providers that are registered already stay.</summary>
internal static class SecurityHosting
{
    public static void AddSecurity(this IHostApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddOptions<SecurityOptions>().BindConfiguration(SecurityOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<SecurityOptions>, SecurityOptionsValidator>();
        services.AddSingleton<IValidateOptions<SecurityOptions>, PasswordFileCheck>();
        services.AddOptions<AccessOptions>().BindConfiguration(AccessOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<AccessOptions>, AccessCheck>();

        var security = builder.Configuration.GetSection(SecurityOptions.Section);
        if (security[nameof(SecurityOptions.Provider)] is { Length: > 0 } provider)
            OwnProviders.AddFrom(services, provider);

        var isOwn = services.Any(service => service.ServiceType == typeof(IAuthenticator));
        services.AddSingleton(new LoginKind(
            isOwn || services.Any(service => service.ServiceType == typeof(IAuthenticationMethod))));
        services.TryAddSingleton<IAuthenticator, BuiltInAuthenticator>();
        services.TryAddSingleton<IAuthorizer, AccessRules>();
        services.AddSingleton<HashingQueue>();
        services.AddSingleton<Throttle>();
        services.AddSingleton<AuthenticationMethods>();
        services.AddSingleton<Doorkeeper>();

        if (security[nameof(SecurityOptions.PasswordFile)] is { Length: > 0 } passwords)
        {
            services.AddWatchedFile<PasswordFile, SecurityOptions>(
                [passwords], (_, before) => PasswordFile.Read(passwords, before));
            services.AddHostedService<Revocation>();
            if (!isOwn) // an authenticator of somebody else takes the place of the file altogether
                services.AddSingleton<IAuthenticationMethod, ScramMethod>();
        }

        if (builder.Configuration.GetSection(AccessOptions.Section)[nameof(AccessOptions.RulesFile)] is { } rules)
            services.AddWatchedFile<AccessRuleSet, AccessOptions>([rules], (options, _) => AccessRuleSet.Read(options));
    }
}
