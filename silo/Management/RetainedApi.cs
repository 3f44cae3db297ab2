using Orleans.Mqtt.Cluster;
using Orleans.Mqtt.Protocol.Topics;
using Orleans.Mqtt.Silo.Management.Views;

namespace Orleans.Mqtt.Silo.Management;

/// <summary>Retained messages. To keep one, publish it with "retain".</summary>
internal static class RetainedApi
{
    public static void MapRetained(this RouteGroupBuilder api)
    {
        var retained = api.MapGroup("/retained").WithTags("Retained messages");
        retained.MapGet("", ListAsync).WithName("listRetained")
            .WithSummary("Topics that match a filter and have a retained message, in order.")
            .Produces<ListView<RetainedView>>();
        retained.MapGet("/message", ReadAsync).WithName("getRetained")
            .WithSummary("The retained message of one topic.")
            .Produces<RetainedMessageView>().ProducesProblem(StatusCodes.Status404NotFound);
        retained.MapDelete("/message", ForgetAsync).WithName("deleteRetained")
            .WithSummary("Forgets the retained message of one topic; subscribers are not told.")
            .Produces(StatusCodes.Status204NoContent).ProducesProblem(StatusCodes.Status404NotFound);
    }

    private static async Task<IResult> ListAsync(IGrainFactory grains, string? filter, string? after, int? limit)
    {
        if (filter is not null && !TopicFilter.IsValid(filter))
            throw new BadHttpRequestException("filter: not a topic filter.");

        var page = await grains.GetGrain<IBrokerGrain>(0).RetainedMessages(new RetainedQuery
        {
            Filter = filter ?? "#",
            After = Page.After(after, 1)?[0] ?? "",
            Limit = Page.Limit(limit),
        });
        return Results.Ok(new ListView<RetainedView>([.. page.Messages.Select(RetainedView.Of)], Page.Next(page.Next)));
    }

    private static async Task<IResult> ReadAsync(IGrainFactory grains, string topic) =>
        await grains.GetGrain<IBrokerGrain>(0).Retained(topic) is { } message
            ? Results.Ok(RetainedMessageView.Of(message))
            : None(topic);

    private static async Task<IResult> ForgetAsync(IGrainFactory grains, ILogger<Failures> log, string topic)
    {
        if (!await grains.GetGrain<IBrokerGrain>(0).ForgetRetained(topic))
            return None(topic);

        log.OperatorForgot(topic);
        return Results.NoContent();
    }

    private static IResult None(string topic) => Results.Problem(
        $"There is no retained message of '{topic}'.", statusCode: StatusCodes.Status404NotFound);
}
