namespace Orleans.Mqtt.Client.Link;

/// <summary>
/// Ends the wait for every call that is out when a silo is lost. Orleans tells silos, but not its clients, when a call can
/// have no answer any more: they would wait for their time-out (promise P8). Whether a call that fails like this took
/// effect is unknown, as with a time-out, and most of them did not go to that silo: callers ask again under the same
/// identity.
/// </summary>
internal sealed class LostCalls(ClusterWatch watch) : IOutgoingGrainCallFilter
{
    public async Task Invoke(IOutgoingGrainCallContext context)
    {
        var lost = watch.Lost;
        var call = context.Invoke();
        if (!call.IsCompleted && await Task.WhenAny(call, lost) == lost && !call.IsCompleted)
        {
            _ = call.ContinueWith(late => late.Exception, TaskScheduler.Default); // it may still fail, and nobody cares
            throw new IOException("A silo was lost, and the call may have been in it.");
        }

        await call;
    }
}
