using System.Net;
using Orleans.Mqtt.Tests.Support;
using Xunit;

namespace Orleans.Mqtt.Tests.Broker.Health;

/// <summary>What an orchestrator asks, and what an operator does to a broker.</summary>
public sealed class HealthTests(SharedBroker broker)
{
    [Theory, InlineData("/health/live"), InlineData("/health/ready")]
    public async Task A_broker_that_serves_says_so(string path)
    {
        TestBroker.MosquittoDiffers("it has no such addresses");
        using var http = new HttpClient { BaseAddress = broker.Admin };

        using var answer = await http.GetAsync(path, TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Fact]
    public async Task A_broker_that_is_asked_to_end_hangs_up_and_ends_well()
    {
        await using var own = await TestBroker.StartAsync();
        await using var client = await own.ConnectAsync();

        var ended = await own.TerminateAsync();

        await client.ExpectClosedAsync();
        Assert.Equal(0, ended.ExitCode);
        Assert.NotEmpty(ended.Output);
    }
}
