using Microsoft.Extensions.Options;
using Orleans.Mqtt.Cluster;
using Orleans.Mqtt.Protocol;
using Orleans.Mqtt.Sessions;
using Orleans.Mqtt.Silo.Management.Views;

namespace Orleans.Mqtt.Silo.Management;

/// <summary>Messages in: to whoever is subscribed, or to one client.</summary>
internal static class PublishApi
{
    public static void MapPublishing(this RouteGroupBuilder api)
    {
        var publishing = api.MapGroup("").WithTags("Publishing");
        publishing.MapPost("/publish", PublishAsync).WithName("publish")
            .WithSummary("Publishes a message. The answer comes when it is as safe as a PUBACK makes it.")
            .Produces<VerdictView>().ProducesProblem(StatusCodes.Status403Forbidden)
            .ProducesProblem(StatusCodes.Status413PayloadTooLarge)
            .ProducesProblem(StatusCodes.Status507InsufficientStorage);
        publishing.MapPost("/clients/{clientId}/publish", PublishToAsync).WithName("publishToClient")
            .WithSummary("Sends a message to one client, whatever it is subscribed to. RETAIN means nothing here.")
            .Produces<VerdictView>().ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status413PayloadTooLarge).ProducesProblem(StatusCodes.Status507InsufficientStorage);
    }

    private static async Task<IResult> PublishAsync(
        IGrainFactory grains, IOptions<ManagementOptions> options, PublishBody body) =>
        Answer(await grains.GetGrain<IBrokerGrain>(0).Publish(body.ToMessage(options.Value.MaximumPayload), clientId: ""));

    private static async Task<IResult> PublishToAsync(
        IGrainFactory grains, IOptions<ManagementOptions> options, string clientId, PublishBody body)
    {
        var verdict = await grains.GetGrain<ISessionGrain>(clientId).Publish(body.ToMessage(options.Value.MaximumPayload));
        return verdict is ReasonCode.NoMatchingSubscribers
            ? Results.Problem(
                $"'{clientId}' is not there to take it.", statusCode: StatusCodes.Status404NotFound)
            : Answer(verdict);
    }

    private static IResult Answer(ReasonCode verdict) => verdict switch
    {
        < ReasonCode.UnspecifiedError => Results.Ok(new VerdictView((int)verdict, verdict.ToString())),
        ReasonCode.TopicNameInvalid => Bad("topic, responseTopic: a topic name, without wildcards."),
        ReasonCode.NotAuthorized => Results.Problem(
            "topic: below $SYS the broker speaks of itself, and nobody else does.", statusCode: StatusCodes.Status403Forbidden),
        ReasonCode.PayloadFormatInvalid => Bad("payload: not the UTF-8 that payloadFormatIndicator announces."),
        ReasonCode.MalformedPacket => Bad("properties: a text is too long, or has a character that MQTT forbids."),
        ReasonCode.QuotaExceeded => Results.Problem(
            "A queue is full: not everybody who wants the message has it.",
            statusCode: StatusCodes.Status507InsufficientStorage),
        _ => Results.Problem(
            $"The message was not taken: {verdict}.", statusCode: StatusCodes.Status503ServiceUnavailable),
    };

    private static IResult Bad(string what) => Results.Problem(what, statusCode: StatusCodes.Status400BadRequest);
}
