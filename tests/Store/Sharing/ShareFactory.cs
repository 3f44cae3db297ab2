using System.Reflection;
using Orleans.Mqtt.Sharing;

namespace Orleans.Mqtt.Tests.Store.Sharing;

/// <summary>A grain factory that knows one share.</summary>
public class ShareFactory : DispatchProxy
{
    private IShareGrain? _share;

    public static IGrainFactory Of(IShareGrain share)
    {
        var factory = Create<IGrainFactory, ShareFactory>();
        ((ShareFactory)(object)factory)._share = share;
        return factory;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => _share;
}
