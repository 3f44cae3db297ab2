using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging;
using Orleans.Mqtt.Gateway.Hosting;
using Xunit;

namespace Orleans.Mqtt.Tests.Unit.Gateway.Hosting;

public sealed class StartTests
{
    /// <summary>The settings were good when they were read: the port was taken later.</summary>
    [Fact]
    public async Task A_port_that_was_taken_before_its_listener_came_is_a_wrong_setting()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        await using var listener = builder.Build();
        listener.Urls.Add($"http://127.0.0.1:{((IPEndPoint)other.LocalEndpoint).Port}");

        Assert.Equal(1, await Start.RunAsync(() => listener.StartAsync(TestContext.Current.CancellationToken)));
    }

    [Fact]
    public Task What_is_no_wrong_setting_is_thrown() => Assert.ThrowsAsync<IOException>(
        () => Start.RunAsync(() => Task.FromException(new IOException("the disk is gone"))));
}
