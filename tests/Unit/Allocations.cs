namespace Orleans.Mqtt.Tests.Unit;

/// <summary>
/// What work allocates on its thread when it has settled. A try on a busy machine may pay for what is not the work's:
/// the first code of a method runs and is replaced on this thread, and a collection that others cause makes the shared
/// array pool let go of what this thread had lent back. None of that comes again in each try, but what the work
/// itself allocates does, so the least of the tries is the work's own.
/// </summary>
internal static class Allocations
{
    /// <summary>The bytes of the leanest try. Work has to be long enough that what it allocates now and then shows in each.</summary>
    public static long LeastOf(Action work, int tries = 20)
    {
        var least = long.MaxValue;
        for (var turn = 0; turn < tries && least > 0; turn++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            work();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return least;
    }
}
