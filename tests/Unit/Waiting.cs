using Xunit;

namespace Orleans.Mqtt.Tests.Unit;

/// <summary>Waits with an end, so that what never comes fails a test instead of holding it up.</summary>
internal static class Waiting
{
    private static readonly TimeSpan _longest = TimeSpan.FromMinutes(1);

    public static Task Soon(this Task task) => task.WaitAsync(_longest, TestContext.Current.CancellationToken);

    public static Task<T> Soon<T>(this Task<T> task) => task.WaitAsync(_longest, TestContext.Current.CancellationToken);
}
