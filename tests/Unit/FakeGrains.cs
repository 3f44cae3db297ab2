using System.Reflection;

namespace Orleans.Mqtt.Tests.Unit;

/// <summary>A grain factory that gives what a test has made.</summary>
public class FakeGrains : DispatchProxy
{
    private readonly Dictionary<Type, Func<object, object>> _makers = [];

    /// <summary>Every grain of a type comes from <paramref name="maker"/>, which is given the key.</summary>
    public static IGrainFactory Of<TGrain>(Func<object, TGrain> maker)
        where TGrain : class
    {
        var factory = Create<IGrainFactory, FakeGrains>();
        return factory.With(maker);
    }

    internal void Add(Type type, Func<object, object> maker) => _makers[type] = maker;

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) =>
        _makers[targetMethod!.GetGenericArguments()[0]](args![0]!);
}

/// <summary>Adds grains to a fake factory.</summary>
internal static class FakeGrainsBuilding
{
    public static IGrainFactory With<TGrain>(this IGrainFactory factory, Func<object, TGrain> maker)
        where TGrain : class
    {
        ((FakeGrains)(object)factory).Add(typeof(TGrain), maker);
        return factory;
    }
}

/// <summary>A grain of which a test needs some calls only.</summary>
public class FakeGrain : DispatchProxy
{
    private readonly Dictionary<string, Func<object?[], object?>> _calls = [];

    public static TGrain Of<TGrain>(params (string Method, Func<object?[], object?> Call)[] calls)
        where TGrain : class
    {
        var grain = Create<TGrain, FakeGrain>();
        foreach (var (method, call) in calls)
            ((FakeGrain)(object)grain)._calls[method] = call;
        return grain;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) =>
        _calls.TryGetValue(targetMethod!.Name, out var call)
            ? call(args ?? [])
            : throw new NotSupportedException($"{targetMethod.Name} was not expected.");
}
