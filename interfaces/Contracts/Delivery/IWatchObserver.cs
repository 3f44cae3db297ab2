namespace Orleans.Mqtt.Delivery;

/// <summary>
/// A process that watches topics, as silos call it: a gateway without clients. Nobody waits for it, and what its link has no
/// room for it does not get.
/// </summary>
[Alias("mqtt.watch-observer")]
public interface IWatchObserver : IGatewayObserver
{
    /// <summary>
    /// The link did not send some messages, so far <paramref name="total"/> of this <paramref name="outlet"/>. Said before the
    /// batch that comes behind them.
    /// </summary>
    [Alias("miss")]
    Task Miss(Guid outlet, long total);
}
