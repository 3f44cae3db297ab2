using Microsoft.AspNetCore.Diagnostics;
using Orleans.Mqtt.Grains;

namespace Orleans.Mqtt.Silo.Management;

/// <summary>The judge of what went wrong in a call: the caller's mistake, a cluster in trouble, or our bug.</summary>
internal sealed class Failures(IStoreHealth store, ILogger<Failures> log) : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(
        HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        var problem = exception switch
        {
            BadHttpRequestException mistake => Results.Problem(Words(mistake), statusCode: mistake.StatusCode),
            TimeoutException or OrleansException => Results.Problem(
                "The cluster did not answer in time. Whether the call took effect is not known.",
                statusCode: StatusCodes.Status503ServiceUnavailable),
            _ when store.Explains(exception) => Results.Problem(
                "The store is away. Whether the call took effect is not known.",
                statusCode: StatusCodes.Status503ServiceUnavailable),
            _ => Results.Problem("A bug; the log has more.", statusCode: StatusCodes.Status500InternalServerError),
        };
        if (exception is not BadHttpRequestException)
            log.CallFailed(httpContext.Request.Method, httpContext.Request.Path, exception);
        await problem.ExecuteAsync(httpContext);
        return true;
    }

    // The outer message says which parameter, the inner one what is wrong with it.
    private static string Words(BadHttpRequestException mistake) =>
        mistake.InnerException is { } cause ? $"{mistake.Message} {cause.Message}" : mistake.Message;
}
