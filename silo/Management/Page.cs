using System.Buffers.Text;
using System.Text;
using Orleans.Mqtt.Cluster;

namespace Orleans.Mqtt.Silo.Management;

/// <summary>Where a page of a list begins and how long it is; what the caller sends is judged here.</summary>
internal static class Page
{
    private const char Between = '\0'; // in no client id and no filter

    /// <exception cref="BadHttpRequestException">It is none that fits.</exception>
    public static int Limit(int? limit) => limit switch
    {
        null => Paging.DefaultLimit,
        >= 1 and <= Paging.MostItems => limit.Value,
        _ => throw new BadHttpRequestException($"limit: a number from 1 to {Paging.MostItems}."),
    };

    /// <summary>What the caller gives back as "after" to get the next page.</summary>
    public static string? Next(params string?[] place) =>
        place[0] is null ? null : Base64Url.EncodeToString(Encoding.UTF8.GetBytes(string.Join(Between, place)));

    /// <exception cref="BadHttpRequestException">It did not come from here.</exception>
    public static string[]? After(string? next, int parts)
    {
        if (next is null)
            return null;

        var place = Base64Url.IsValid(next) ? Encoding.UTF8.GetString(Base64Url.DecodeFromChars(next)).Split(Between) : [];
        return place.Length == parts
            ? place
            : throw new BadHttpRequestException("after: the value of \"next\" in the page before.");
    }
}
