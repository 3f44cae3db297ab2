namespace Orleans.Mqtt.Sharing;

/// <summary>Where a gateway is to deliver a live copy of a shared subscription: which share, which of its members there.</summary>
/// <param name="Handle">The gateway's name for the share, from its route.</param>
/// <param name="Seat">A number; the gateway takes it modulo the members that it has.</param>
public readonly record struct SharePlace(ulong Handle, int Seat);
