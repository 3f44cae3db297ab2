namespace Orleans.Mqtt.Sessions;

/// <summary>
/// Gives references to session grains. The factory finds out by reflection, at every call, which kind of grain an interface
/// stands for, which was 5 % of a connect's CPU time; here it is found out once.
/// </summary>
public sealed class SessionReferences(IGrainFactory grains)
{
    private GrainReference? _first;

    public ISessionHostGrain Of(string clientId)
    {
        if (Volatile.Read(ref _first) is { } first)
        {
            var id = GrainId.Create(first.GrainId.Type, IdSpan.Create(clientId));
            return (ISessionHostGrain)grains.GetGrain(id, first.InterfaceType);
        }

        var session = grains.GetGrain<ISessionHostGrain>(clientId);
        Volatile.Write(ref _first, session as GrainReference);
        return session;
    }
}
