using Orleans.Mqtt.Cluster;
using Orleans.Mqtt.Sessions;
using Orleans.Mqtt.Silo.Management.Views;

namespace Orleans.Mqtt.Silo.Management;

/// <summary>Who is subscribed to what, and subscribing for a client.</summary>
internal static class SubscriptionsApi
{
    private const int MostAtOnce = 1_000;

    public static void MapSubscriptions(this RouteGroupBuilder api)
    {
        var subscriptions = api.MapGroup("").WithTags("Subscriptions");
        subscriptions.MapGet("/subscriptions", ListAsync).WithName("listSubscriptions")
            .WithSummary("All subscriptions, in order of client and filter; or those to one filter, in order of client.")
            .Produces<ListView<SubscriptionView>>();
        subscriptions.MapGet("/clients/{clientId}/subscriptions", ListOfClientAsync).WithName("listSubscriptionsOfClient")
            .WithSummary("What one client is subscribed to, in order of the filters.")
            .Produces<ListView<SubscriptionView>>().ProducesProblem(StatusCodes.Status404NotFound);
        subscriptions.MapPost("/clients/{clientId}/subscriptions", SubscribeAsync).WithName("subscribeForClient")
            .WithSummary("Subscribes for a client. One answer a subscription, in order.")
            .Produces<IReadOnlyList<GrantView>>().ProducesProblem(StatusCodes.Status404NotFound);
        subscriptions.MapDelete("/clients/{clientId}/subscriptions", UnsubscribeAsync).WithName("unsubscribeForClient")
            .WithSummary("Ends one subscription of a client, which is not told.")
            .Produces(StatusCodes.Status204NoContent).ProducesProblem(StatusCodes.Status404NotFound);
    }

    private static async Task<IResult> ListAsync(IGrainFactory grains, string? filter, string? after, int? limit)
    {
        var place = Page.After(after, 2);
        var page = await grains.GetGrain<IBrokerGrain>(0).Subscriptions(new SubscriptionQuery
        {
            Filter = filter,
            After = place is null ? null : new SubscriptionPlace(place[0], place[1]),
            Limit = Page.Limit(limit),
        });
        return Results.Ok(ListView<SubscriptionView>.Of(
            page.Subscriptions.Select(found => SubscriptionView.Of(found.Subscription, found.ClientId)),
            Page.Next(page.Next?.ClientId, page.Next?.Filter), page.Unreachable));
    }

    private static async Task<IResult> ListOfClientAsync(
        IGrainFactory grains, string clientId, string? after, int? limit)
    {
        var most = Page.Limit(limit);
        var found = await grains.GetGrain<ISessionGrain>(clientId).Subscriptions(Page.After(after, 1)?[0] ?? "", most);
        if (found is null)
            return ClientsApi.NoSuchClient(clientId);

        var next = found.Length < most ? null : found[^1].Filter;
        return Results.Ok(new ListView<SubscriptionView>(
            [.. found.Select(subscription => SubscriptionView.Of(subscription))], Page.Next(next)));
    }

    private static async Task<IResult> SubscribeAsync(IGrainFactory grains, string clientId, SubscribeBody[] body)
    {
        if (body.Length is 0 or > MostAtOnce)
            throw new BadHttpRequestException($"1 to {MostAtOnce} subscriptions.");

        var wanted = Array.ConvertAll(body, subscription => subscription.ToSubscription());
        return await grains.GetGrain<ISessionGrain>(clientId).Subscribe(wanted) is { } granted
            ? Results.Ok(granted.Select((reason, index) => GrantView.Of(wanted[index].Filter, reason)).ToArray())
            : ClientsApi.NoSuchClient(clientId);
    }

    private static async Task<IResult> UnsubscribeAsync(IGrainFactory grains, string clientId, string filter)
    {
        if (await grains.GetGrain<ISessionGrain>(clientId).Unsubscribe([filter]) is not { } known)
            return ClientsApi.NoSuchClient(clientId);

        return known[0]
            ? Results.NoContent()
            : Results.Problem(
                $"'{clientId}' is not subscribed to '{filter}'.", statusCode: StatusCodes.Status404NotFound);
    }
}
