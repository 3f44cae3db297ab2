using Orleans.Mqtt.Grains.Sessions;
using Xunit;

namespace Orleans.Mqtt.Tests.Unit.Grains.Sessions;

public class TurnstileTests
{
    [Fact]
    public async Task One_step_begins_when_the_one_before_it_has_ended_in_whatever_way()
    {
        var turnstile = new Turnstile();
        var order = new List<string>();
        var first = new TaskCompletionSource();
        var second = new TaskCompletionSource();
        var one = turnstile.RunAsync(() => StepAsync("1", first.Task));
        var two = turnstile.RunAsync(() => StepAsync("2", second.Task));
        var three = turnstile.RunAsync(() => Task.FromResult(3));
        Assert.Equal(["1 begins"], order);

        first.SetException(new TimeoutException());
        await Assert.ThrowsAsync<TimeoutException>(() => one.Soon());
        Assert.Equal(["1 begins", "2 begins"], order);
        Assert.False(three.IsCompleted);

        second.SetResult();
        await two.Soon();
        Assert.Equal(3, await three.Soon());

        async Task StepAsync(string name, Task end)
        {
            order.Add($"{name} begins");
            await end;
        }
    }
}
