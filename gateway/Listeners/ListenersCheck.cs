using Microsoft.Extensions.Options;
using Orleans.Mqtt.Gateway.Security;

namespace Orleans.Mqtt.Gateway.Listeners;

/// <summary>
/// Refuses a start that would let strangers in, or that lacks what a listener needs.
/// </summary>
internal sealed class ListenersCheck(
    IOptions<SecurityOptions> security, IOptions<TlsOptions> tls, LoginKind login) : IValidateOptions<GatewayOptions>
{
    public ValidateOptionsResult Validate(string? name, GatewayOptions options)
    {
        if (!ListenAddress.TryParseAll(options.Listen, out var addresses, out var wrong))
            return ValidateOptionsResult.Fail($"--listen {wrong}: not an address of the form {ListenAddress.Forms}");

        if (addresses.FirstOrDefault(address => address.IsSecure && tls.Value.CertificateFile is null) is { } bare)
            return ValidateOptionsResult.Fail($"--listen {bare.Text}: TLS needs a certificate; set Gateway:Tls:CertificateFile.");

        return addresses.FirstOrDefault(IsOpenToStrangers) is { } open
            ? ValidateOptionsResult.Fail(
                $"--listen {open.Text}: anyone beyond this machine could come in without a password; "
                + "set --password-file FILE, or --allow-anonymous true if that is what you want.")
            : ValidateOptionsResult.Success;
    }

    private bool IsOpenToStrangers(ListenAddress address) =>
        !address.IsLocal
        && security.Value is { AllowAnonymous: not true, PasswordFile: null }
        && !login.IsOwn
        && !(address.IsSecure && tls.Value.ClientCertificates is ClientCertificates.Required);
}
