namespace Orleans.Mqtt.Gateway.Listeners;

/// <summary>Tells a connection which of the listeners took it.</summary>
internal sealed record ListenerFeature(ListenAddress Address);
