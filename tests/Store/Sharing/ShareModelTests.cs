using Orleans.Mqtt.Protocol;
using Orleans.Mqtt.Sessions;
using Orleans.Mqtt.Storage;

namespace Orleans.Mqtt.Tests.Store.Sharing;

public sealed class ShareModelTests(StoreServers servers)
{
    [Theory, InlineData(StoreKind.Redis, 1), InlineData(StoreKind.Embedded, 5)]
    public async Task Whoever_comes_and_goes_and_whatever_crashes_nothing_is_lost_and_QoS_2_comes_once(StoreKind kind, int runs)
    {
        for (var run = 0; run < runs; run++)
        {
            var seed = Random.Shared.Next();
            try
            {
                await OnOneSchedulerAsync(() => PlayAsync(kind, new Random(seed)));
            }
            catch (Exception failure)
            {
                throw new InvalidOperationException($"With seed {seed}: {failure.Message}", failure);
            }
        }
    }

    [Theory, InlineData(StoreKind.Redis), InlineData(StoreKind.Embedded)]
    public Task An_activation_that_was_left_behind_does_not_say_that_a_member_may_go_on(StoreKind kind) => OnOneSchedulerAsync(async () =>
    {
        await using var model = new ShareModel(await TestStore.Open(servers.Configuration(kind)), new Random(1));
        await model.BeginAsync();
        await model.Members[0].ConnectAsync();
        await model.Members[0].SubscribeAsync();
        var leftBehind = model.Delivery;
        await model.CrashAsync();

        Settlement[] received = [new Settlement(1, SettlementKind.Received)]; // of what the next activation has sent
        await Assert.ThrowsAsync<StaleOwnerException>(() => leftBehind.SettleAsync(model.Members[0].ClientId, received));

        await model.Delivery.SettleAsync(model.Members[0].ClientId, received);
    });

    private static Task OnOneSchedulerAsync(Func<Task> play) => Task.Factory.StartNew(
        play, TestContext.Current.CancellationToken, TaskCreationOptions.None,
        new ConcurrentExclusiveSchedulerPair().ExclusiveScheduler).Unwrap();

    private async Task PlayAsync(StoreKind kind, Random random)
    {
        await using var model = new ShareModel(await TestStore.Open(servers.Configuration(kind)), random);
        await model.BeginAsync();
        await model.Members[0].ConnectAsync();
        await model.Members[0].SubscribeAsync(); // and stays so: a share ends with its last member
        for (var step = 0; step < 400; step++)
            await StepAsync(model, model.Members[random.Next(model.Members.Length)]);

        await FinishAsync(model);
        if (Findings(model) is { Count: > 0 } findings)
            Assert.Fail(string.Join('\n', findings.Concat(model.Transcript)));
        await model.DemandEmptyAsync();
    }

    private static async Task StepAsync(ShareModel model, ModelMember member)
    {
        switch (model.Random.Next(20))
        {
            case 0:
                await model.CrashAsync();
                break;
            case 1 when member.IsConnected:
                await member.DisconnectAsync();
                break;
            case 2 when member.IsConnected && member.IsSubscribed && member != model.Members[0]:
                await member.UnsubscribeAsync();
                break;
            case 3 when member.IsConnected && !member.IsSubscribed:
                await member.SubscribeAsync();
                break;
            case < 4 when !member.IsConnected:
                await member.ConnectAsync();
                break;
            case < 9:
                await model.PublishAsync();
                break;
            default:
                if (member.IsConnected)
                    member.Answer(model.Random.Next(1, 8));
                await Task.Yield();
                break;
        }
    }

    /// <summary>All are there and answer everything, until everything was finished.</summary>
    private static async Task FinishAsync(ShareModel model)
    {
        foreach (var member in model.Members.Where(member => !member.IsConnected))
            await member.ConnectAsync();
        var deadline = TimeProvider.System.GetTimestamp();
        using var ticks = new PeriodicTimer(TimeSpan.FromMilliseconds(1));
        while (!model.Delivery.IsDone)
        {
            Assert.True(TimeProvider.System.GetElapsedTime(deadline) < TimeSpan.FromMinutes(2), model.Delivery.ToString());
            foreach (var member in model.Members)
                member.Answer(int.MaxValue);
            await ticks.WaitForNextTickAsync(TestContext.Current.CancellationToken);
        }
    }

    private static List<string> Findings(ShareModel model)
    {
        var findings = new List<string>();
        var heard = model.Members.SelectMany(member => member.Heard).ToLookup(message => message.Text);
        foreach (var (text, qos) in model.Accepted)
        {
            var times = heard[text].Count();
            if (times == 0 && !(qos is QoS.ExactlyOnce && model.MayBeLost.Contains(text)))
                findings.Add($"{text} was lost");
            if (times > 1 && qos is QoS.ExactlyOnce)
                findings.Add($"{text} of QoS 2 came {times} times");
        }

        return findings;
    }
}
