using System.Text;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;
using Orleans.Mqtt.Cluster;
using Orleans.Mqtt.Gateway.Hosting.Admin;
using Orleans.Mqtt.Messages;
using Orleans.Mqtt.Protocol;
using Orleans.Mqtt.Protocol.Codec;
using Orleans.Mqtt.Protocol.Topics;
using Orleans.Mqtt.Security;
using Orleans.Mqtt.Sessions;

namespace Orleans.Mqtt.Silo.Management;

/// <summary>
/// The four calls of Mithqtt's HTTP interface, for those who move from it: the same paths, bodies and codes. Each acts for a
/// client, under that client's access rules. "protocol", "dup" and "packetId" are read and mean nothing here.
/// </summary>
internal static class MithqttApi
{
    private const int MostSubscriptions = 10_000;

    private static readonly string[] _grants = ["AT_MOST_ONCE", "AT_LEAST_ONCE", "EXACTLY_ONCE", "NOT_GRANTED"];

    public static void MapMithqtt(this WebApplication app)
    {
        var client = app.MapGroup(AdminAddress.MithqttPath + "/{clientId}").WithTags("Mithqtt");
        client.MapPost("/publish", PublishAsync).WithName("mithqttPublish").Accepts<string>("text/plain")
            .WithSummary("Publishes the body for a client.").Produces<Result<bool>>();
        client.MapPost("/subscribe", SubscribeAsync).WithName("mithqttSubscribe")
            .WithSummary("Subscribes for a client, also for one that has never connected.").Produces<Result<string[]>>();
        client.MapGet("/subscribe", ListAsync).WithName("mithqttSubscriptions")
            .WithSummary("What a client is subscribed to.").Produces<Result<TopicQoS[]>>();
        client.MapPost("/unsubscribe", UnsubscribeAsync).WithName("mithqttUnsubscribe")
            .WithSummary("Ends subscriptions of a client.").Produces<Result<bool>>();
    }

    private static async Task<IResult> PublishAsync(
        HttpContext context, IGrainFactory grains, IAuthorizer rules, IOptions<ManagementOptions> options,
        string clientId, string? topicName, int? protocol, bool? dup, int? qos, int? packetId)
    {
        _ = (protocol, dup, packetId);
        if (!MqttText.IsValid(clientId) || topicName is null || !TopicName.IsValid(topicName) || qos is < 0 or > 2)
            return Error.Invalid;

        context.Features.GetRequiredFeature<IHttpMaxRequestBodySizeFeature>().MaxRequestBodySize = options.Value.MaximumPayload;
        var message = new Message
        {
            Topic = topicName,
            Payload = await ReadAsync(context.Request),
            QoS = (QoS)(qos ?? 0),
        };
        if (!rules.MayPublish(new ClientIdentity(clientId, null), DelayedTopic.TargetOf(Encoding.UTF8.GetBytes(topicName))))
            return Error.Unauthorized;

        var verdict = await grains.GetGrain<IBrokerGrain>(0).Publish(message, clientId);
        return verdict switch
        {
            ReasonCode.NotAuthorized => Error.Unauthorized, // below $SYS nobody may
            ReasonCode.TopicNameInvalid => Error.Invalid, // delayed for too long
            _ => verdict.IsError() ? Error.NotTaken(verdict) : Results.Ok(new Result<bool>(true)),
        };
    }

    private static async Task<IResult> SubscribeAsync(
        IGrainFactory grains, IAuthorizer rules, string clientId, int? protocol, int? packetId, TopicQoS[] body)
    {
        _ = (protocol, packetId);
        if (!MqttText.IsValid(clientId) || !Array.TrueForAll(body, wanted => TopicFilter.IsValid(wanted.Topic) && wanted.Qos is >= 0 and <= 2))
            return Error.Invalid;

        var client = new ClientIdentity(clientId, null);
        var allowed = Array.FindAll(body, wanted => rules.MaySubscribe(client, HeardBy(wanted.Topic), (QoS)wanted.Qos));
        var session = grains.GetGrain<ISessionGrain>(clientId);
        var wanted = Array.ConvertAll(allowed, topic => new Subscription { Filter = topic.Topic, QoS = (QoS)topic.Qos });
        var granted = await session.Subscribe(wanted);
        if (granted is null)
        {
            await session.Create();
            granted = await session.Subscribe(wanted) ?? throw new TimeoutException("The session has gone meanwhile.");
        }

        var grants = body.Select(topic => Array.IndexOf(allowed, topic) is var at and >= 0 ? (int)granted[at] : 3);
        return Results.Ok(new Result<string[]>([.. grants.Select(grant => _grants[Math.Min(grant, 3)])]));
    }

    private static async Task<IResult> ListAsync(IGrainFactory grains, string clientId)
    {
        var all = new List<TopicQoS>();
        var session = grains.GetGrain<ISessionGrain>(clientId);
        while (await session.Subscriptions(all.Count == 0 ? "" : all[^1].Topic, Paging.MostItems) is { Length: > 0 } page)
        {
            all.AddRange(page.Select(subscription => new TopicQoS(subscription.Filter, (int)subscription.QoS)));
            if (all.Count > MostSubscriptions)
                return Error.TooMany;
        }

        return Results.Ok(new Result<TopicQoS[]>([.. all]));
    }

    private static async Task<IResult> UnsubscribeAsync(
        IGrainFactory grains, string clientId, int? protocol, int? packetId, string[] body)
    {
        _ = (protocol, packetId);
        if (!MqttText.IsValid(clientId) || !Array.TrueForAll(body, TopicFilter.IsValid))
            return Error.Invalid;

        await grains.GetGrain<ISessionGrain>(clientId).Unsubscribe(body);
        return Results.Ok(new Result<bool>(true));
    }

    /// <summary>The filter that topics are matched with, of a shared subscription, too.</summary>
    private static string HeardBy(string filter) =>
        ExclusiveFilter.Matched(SharedFilter.TryParse(filter, out _, out var shared) ? shared : filter);

    private static async Task<byte[]> ReadAsync(HttpRequest request)
    {
        using var body = new MemoryStream();
        await request.Body.CopyToAsync(body, request.HttpContext.RequestAborted);
        return body.ToArray();
    }

    internal sealed record Result<T>([property: System.Text.Json.Serialization.JsonPropertyName("result")] T Value);

    internal sealed record TopicQoS(string Topic, int Qos);

    /// <summary>How Mithqtt says no.</summary>
    internal sealed record Error(int Code, string Message)
    {
        private const int UnauthorizedCode = 1, InvalidCode = 11, UnsupportedCode = 21;

        public static IResult Unauthorized => Results.Json(
            new Error(UnauthorizedCode, "The client may not do that."), statusCode: StatusCodes.Status401Unauthorized);

        public static IResult Invalid => Results.Json(
            new Error(InvalidCode, "Client id, topic or QoS is not valid."),
            statusCode: StatusCodes.Status422UnprocessableEntity);

        public static IResult TooMany => Results.Json(
            new Error(UnsupportedCode, $"More than {MostSubscriptions} subscriptions; /api/v1 lists them page by page."),
            statusCode: StatusCodes.Status422UnprocessableEntity);

        public static IResult NotTaken(ReasonCode verdict) => Results.Json(
            new Error(UnsupportedCode, $"The message was not taken: {verdict}."),
            statusCode: StatusCodes.Status503ServiceUnavailable);
    }
}
