using Microsoft.AspNetCore.Http;

namespace Orleans.Mqtt.Gateway.Hosting.Admin;

/// <summary>Why a request to the admin address is not served.</summary>
internal sealed record Refusal(int Status, string Title, string Detail, string? Challenge = null)
{
    public static readonly Refusal NoKey = new(
        StatusCodes.Status401Unauthorized, "No key",
        "Send a key of Management:ApiKeys as 'Authorization: Bearer KEY' or 'X-Api-Key: KEY'.", "Bearer");

    public static readonly Refusal NoLogin = new(
        StatusCodes.Status401Unauthorized, "No login", "Any user name, and a key of Management:ApiKeys as the password.",
        "Basic realm=\"Orleans.Mqtt\", charset=\"UTF-8\"");

    public static readonly Refusal NotLocal = new(
        StatusCodes.Status403Forbidden, "Not from here", "This is served to the machine that it runs on only.");

    public static readonly Refusal WrongHost = new(
        StatusCodes.Status403Forbidden, "Wrong host", "Call it by its address or as localhost, not by another name.");

    public static readonly Refusal WrongOrigin = new(
        StatusCodes.Status403Forbidden, "Wrong origin", "A page of another origin may not change anything here.");

    public static readonly Refusal Busy = new(
        StatusCodes.Status503ServiceUnavailable, "Busy", "Management:MaximumRequests are under way. Come back later.");

    public async Task WriteAsync(HttpContext context)
    {
        if (Challenge is not null)
            context.Response.Headers.WWWAuthenticate = Challenge;
        if (this == Busy)
            context.Response.Headers.RetryAfter = "1";
        await Results.Problem(Detail, statusCode: Status, title: Title).ExecuteAsync(context);
    }
}
