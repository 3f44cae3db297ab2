using Orleans.Mqtt.Cluster;
using Orleans.Mqtt.Sessions;
using Orleans.Mqtt.Silo.Management.Views;

namespace Orleans.Mqtt.Silo.Management;

/// <summary>Clients and their sessions.</summary>
internal static class ClientsApi
{
    public static void MapClients(this RouteGroupBuilder api)
    {
        var clients = api.MapGroup("/clients").WithTags("Clients");
        clients.MapGet("", ListAsync).WithName("listClients")
            .WithSummary("Clients of the whole cluster, connected or with a stored session, in order of their ids.")
            .Produces<ListView<ClientView>>();
        clients.MapGet("/{clientId}", ReadAsync).WithName("getClient")
            .WithSummary("All that is known of one client.")
            .Produces<SessionView>().ProducesProblem(StatusCodes.Status404NotFound);
        clients.MapDelete("/{clientId}", DeleteAsync).WithName("deleteClient")
            .WithSummary("Closes the connection, publishes the will, and forgets all that is stored of the client.")
            .Produces(StatusCodes.Status204NoContent).ProducesProblem(StatusCodes.Status404NotFound);
        clients.MapDelete("/{clientId}/connection", DisconnectAsync).WithName("disconnectClient")
            .WithSummary("Closes the connection; the will is published, a persistent session stays.")
            .Produces(StatusCodes.Status204NoContent).ProducesProblem(StatusCodes.Status404NotFound);
    }

    public static IResult NoSuchClient(string clientId) => Results.Problem(
        $"There is no session of '{clientId}'.", statusCode: StatusCodes.Status404NotFound);

    private static async Task<IResult> ListAsync(
        IGrainFactory grains, bool? connected, string? prefix, string? after, int? limit)
    {
        var page = await grains.GetGrain<IBrokerGrain>(0).Clients(new ClientQuery
        {
            Prefix = prefix ?? "",
            IsConnected = connected,
            After = Page.After(after, 1)?[0] ?? "",
            Limit = Page.Limit(limit),
        });
        return Results.Ok(ListView<ClientView>.Of(page.Clients.Select(ClientView.Of), Page.Next(page.Next), page.Unreachable));
    }

    private static async Task<IResult> ReadAsync(IGrainFactory grains, string clientId) =>
        await grains.GetGrain<ISessionGrain>(clientId).Info() is { } session
            ? Results.Ok(SessionView.Of(session))
            : NoSuchClient(clientId);

    private static async Task<IResult> DeleteAsync(IGrainFactory grains, ILogger<Failures> log, string clientId)
    {
        if (!await grains.GetGrain<ISessionGrain>(clientId).Delete())
            return NoSuchClient(clientId);

        log.OperatorDeleted(clientId);
        return Results.NoContent();
    }

    private static async Task<IResult> DisconnectAsync(IGrainFactory grains, ILogger<Failures> log, string clientId)
    {
        if (!await grains.GetGrain<ISessionGrain>(clientId).Disconnect())
        {
            return Results.Problem(
                $"'{clientId}' is not connected.", statusCode: StatusCodes.Status404NotFound);
        }

        log.OperatorDisconnected(clientId);
        return Results.NoContent();
    }
}
