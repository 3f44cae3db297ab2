using Orleans.Mqtt.Security;

namespace Orleans.Mqtt.Gateway.Security;

/// <summary>The methods that a client can name in CONNECT. Own ones were registered before ours, and go before them.</summary>
internal sealed class AuthenticationMethods(IEnumerable<IAuthenticationMethod> methods)
{
    private readonly Dictionary<string, IAuthenticationMethod> _byName =
        methods.GroupBy(method => method.Name, StringComparer.Ordinal).ToDictionary(same => same.Key, same => same.First());

    public IAuthenticationMethod? Find(string name) => _byName.GetValueOrDefault(name);
}
