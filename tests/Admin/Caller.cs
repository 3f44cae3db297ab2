using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Xunit;

namespace Orleans.Mqtt.Tests.Admin;

/// <summary>Calls an admin address as curl would.</summary>
public sealed class Caller(Uri address, string? key = null) : IDisposable
{
    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false })
    {
        BaseAddress = address,
        DefaultRequestHeaders = { Authorization = key is null ? null : new AuthenticationHeaderValue("Bearer", key) },
    };

    private static CancellationToken Patience => TestContext.Current.CancellationToken;

    /// <summary>A call that goes well, and the JSON of its answer.</summary>
    public async Task<JsonElement> GetAsync(string path) => await ReadAsync(await _http.GetAsync(path, Patience), HttpStatusCode.OK);

    public async Task<string> GetTextAsync(string path)
    {
        using var answer = await _http.GetAsync(path, Patience);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return await answer.Content.ReadAsStringAsync(Patience);
    }

    public Task<JsonElement> PostAsync(string path, object body) => PostAsync(path, JsonSerializer.Serialize(body));

    public async Task<JsonElement> PostAsync(string path, string json) =>
        await ReadAsync(await SendAsync(HttpMethod.Post, path, json), HttpStatusCode.OK);

    public async Task DeleteAsync(string path)
    {
        using var answer = await SendAsync(HttpMethod.Delete, path);
        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
    }

    /// <summary>It is gone afterwards, whether it was there or not.</summary>
    public async Task DeleteOrMissAsync(string path)
    {
        using var answer = await SendAsync(HttpMethod.Delete, path);
        Assert.Contains(answer.StatusCode, new[] { HttpStatusCode.NoContent, HttpStatusCode.NotFound });
    }

    public async Task<HttpResponseMessage> SendAsync(
        HttpMethod method, string path, string? body = null, string type = "application/json",
        params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null)
            request.Content = new StringContent(body, Encoding.UTF8, new MediaTypeHeaderValue(type));
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        return await _http.SendAsync(request, Patience);
    }

    /// <summary>A call that fails, and what it is told: a problem of RFC 9457.</summary>
    public async Task<string> FailAsync(HttpStatusCode status, HttpMethod method, string path, string? body = null)
    {
        using var answer = await SendAsync(method, path, body);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        var problem = await ReadAsync(answer, status);
        Assert.Equal((int)status, problem.GetProperty("status").GetInt32());
        Assert.NotEmpty(problem.GetProperty("title").GetString()!);
        return problem.TryGetProperty("detail", out var detail) ? detail.GetString()! : "";
    }

    /// <summary>Everything in a list, page by page; the sizes of the pages go to <paramref name="sizes"/>.</summary>
    public async Task<List<JsonElement>> ListAsync(string path, List<int>? sizes = null)
    {
        var items = new List<JsonElement>();
        var next = "";
        do
        {
            var page = await GetAsync(next.Length == 0 ? path : $"{path}{(path.Contains('?') ? '&' : '?')}after={next}");
            var found = page.GetProperty("items").EnumerateArray().ToArray();
            items.AddRange(found);
            sizes?.Add(found.Length);
            next = page.TryGetProperty("next", out var place) ? place.GetString()! : "";
        }
        while (next.Length > 0);
        return items;
    }

    public void Dispose() => _http.Dispose();

    private static async Task<JsonElement> ReadAsync(HttpResponseMessage answer, HttpStatusCode wanted)
    {
        using var _ = answer;
        var text = await answer.Content.ReadAsStringAsync(Patience);
        Assert.True(answer.StatusCode == wanted, $"{wanted} was expected, but {answer.StatusCode} came: {text}");
        using var json = JsonDocument.Parse(text);
        return json.RootElement.Clone();
    }
}
