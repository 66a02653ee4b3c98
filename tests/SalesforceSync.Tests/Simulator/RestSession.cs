using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using SalesforceSync.Simulator.Server;

namespace SalesforceSync.Tests.Simulator;

/// <summary>A plain HTTP client of the simulated Salesforce, signed in.</summary>
internal sealed class RestSession : IDisposable
{
    private readonly HttpClient _http;

    private RestSession(HttpClient http) => _http = http;

    public static async Task<RestSession> SignInAsync(SimulatedSalesforce simulated)
    {
        var http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = new Uri(simulated.LoginUrl) };
        using var form = new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["grant_type"] = "client_credentials",
            ["client_id"] = simulated.Settings.SignIn.ClientId,
            ["client_secret"] = simulated.Settings.SignIn.ClientSecret
        });
        using var answer = await http.PostAsync(new Uri("/services/oauth2/token", UriKind.Relative), form, PubSubClient.Deadline());
        var token = await answer.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonElement>(PubSubClient.Deadline());
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token.GetProperty("access_token").GetString());
        return new RestSession(http);
    }

    /// <param name="path">Behind <c>/services/data/v66.0/</c>, or absolute.</param>
    public async Task<Answer> SendAsync(HttpMethod method, string path, string? body = null, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, new Uri(path.StartsWith('/') ? path : "/services/data/v66.0/" + path, UriKind.Relative));
        if (body is not null) request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
        using var response = await _http.SendAsync(request, PubSubClient.Deadline());
        var bytes = await response.Content.ReadAsByteArrayAsync(PubSubClient.Deadline());
        var all = response.Headers.Concat(response.Content.Headers).ToDictionary(h => h.Key, h => string.Join(", ", h.Value), StringComparer.OrdinalIgnoreCase);
        return new Answer(response.StatusCode, all, bytes);
    }

    public Task<Answer> GetAsync(string path, params (string Name, string Value)[] headers) => SendAsync(HttpMethod.Get, path, null, headers);

    public Task<Answer> PostAsync(string path, string body) => SendAsync(HttpMethod.Post, path, body);

    public Task<Answer> QueryAsync(string soql) => GetAsync("query?q=" + Uri.EscapeDataString(soql));

    /// <returns>The id of a query job.</returns>
    public async Task<string> BulkAsync(string soql, string operation = "query")
    {
        var answer = await PostAsync("jobs/query", JsonSerializer.Serialize(new { operation, query = soql }));
        answer.Status.ShouldBe(HttpStatusCode.OK, answer.Text);
        return answer.Json.GetProperty("id").GetString()!;
    }

    public async Task<string> StateAsync(string job) => (await GetAsync("jobs/query/" + job)).Json.GetProperty("state").GetString()!;

    public void Dispose() => _http.Dispose();

    internal sealed record Answer(HttpStatusCode Status, IReadOnlyDictionary<string, string> Headers, byte[] Bytes)
    {
        public string Text => Encoding.UTF8.GetString(Bytes);

        public JsonElement Json => JsonSerializer.Deserialize<JsonElement>(Bytes);

        /// <summary>Status and error code of a refusal.</summary>
        public (int Status, string Code) Refusal => ((int)Status, Json[0].GetProperty("errorCode").GetString()!);
    }
}
