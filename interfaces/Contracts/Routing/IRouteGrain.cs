namespace Orleans.Mqtt.Routing;

/// <summary>Single writer of one slice of the route table (key: slice number, see <see cref="RouteSlices"/>).</summary>
[Alias("mqtt.route")]
public interface IRouteGrain : IGrainWithIntegerKey
{
    /// <summary>Returns when the changes are stored and in the route table of every active silo (promise P4).</summary>
    [Alias("change")]
    Task Change(RouteChange[] changes);

    /// <summary>Removes every route of a gateway whose lease has ended.</summary>
    [Alias("forget-gateway")]
    Task ForgetGateway(string gatewayId);

    /// <summary>
    /// Asks to be told of every change from the returned version on, also when membership does not speak of the silo yet.
    /// </summary>
    [Alias("greet")]
    Task<long> Greet(SiloAddress silo);
}
