using System.Buffers.Text;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using SalesforceSync.Simulator.Faults;
using SalesforceSync.Simulator.Server;

namespace SalesforceSync.Tests.Simulator;

public sealed class TokenEndpointTests : IAsyncLifetime, IDisposable
{
    private readonly RSA _key = RSA.Create(2048);
    private readonly HttpClient _http = new();
    private SimulatedSalesforce _simulated = null!;

    public async Task InitializeAsync()
    {
        var settings = new SimulatorSettings { SignIn = new SignInRules { JwtPublicKey = _key.ExportSubjectPublicKeyInfoPem() } };
        _simulated = await SimulatedSalesforce.StartAsync(settings, TimeProvider.System, CancellationToken.None);
    }

    public async Task DisposeAsync() => await _simulated.DisposeAsync();

    public void Dispose()
    {
        _key.Dispose();
        _http.Dispose();
    }

    [Fact]
    public async Task Client_credentials_give_a_token_without_an_expiry()
    {
        var (status, answer) = await PostAsync(("grant_type", "client_credentials"), ("client_id", "simulated-client"), ("client_secret", "simulated-secret"));
        status.ShouldBe(HttpStatusCode.OK);
        answer.GetProperty("access_token").GetString()!.ShouldStartWith(_simulated.Org.Options.OrgId[..15] + "!");
        answer.GetProperty("instance_url").GetString().ShouldBe(_simulated.LoginUrl);
        answer.GetProperty("id").GetString()!.Split('/')[^2].ShouldBe(_simulated.Org.Options.OrgId);
        long.Parse(answer.GetProperty("issued_at").GetString()!, System.Globalization.CultureInfo.InvariantCulture).ShouldBeGreaterThan(1_700_000_000_000);
        answer.TryGetProperty("expires_in", out _).ShouldBeFalse();
        answer.TryGetProperty("refresh_token", out _).ShouldBeFalse();
    }

    [Fact]
    public async Task Client_may_come_as_basic_credentials()
    {
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String("simulated-client:simulated-secret"u8));
        (await PostAsync(("grant_type", "client_credentials"))).Status.ShouldBe(HttpStatusCode.OK);
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String("simulated-client:wrong"u8));
        await RefusedAsync(HttpStatusCode.Unauthorized, "invalid_client", ("grant_type", "client_credentials"));
    }

    [Fact]
    public async Task Wrong_clients_and_unknown_grants_are_refused()
    {
        await RefusedAsync(HttpStatusCode.BadRequest, "invalid_client", ("grant_type", "client_credentials"), ("client_id", "simulated-client"), ("client_secret", "no"));
        await RefusedAsync(HttpStatusCode.BadRequest, "invalid_client_id", ("grant_type", "client_credentials"), ("client_id", "no"), ("client_secret", "no"));
        await RefusedAsync(HttpStatusCode.BadRequest, "unsupported_grant_type", ("grant_type", "authorization_magic"));
    }

    [Fact]
    public async Task Used_refresh_token_is_void_and_its_successor_works()
    {
        var (_, first) = await PostAsync(Refresh("simulated-refresh-token"));
        var successor = first.GetProperty("refresh_token").GetString()!;
        await RefusedAsync(HttpStatusCode.BadRequest, "invalid_grant", Refresh("simulated-refresh-token"));
        (await PostAsync(Refresh(successor))).Status.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Password_flow_wants_the_right_password()
    {
        (string, string)[] form = [("grant_type", "password"), ("client_id", "simulated-client"), ("client_secret", "simulated-secret"), ("username", "integration@simulated.example")];
        (await PostAsync([.. form, ("password", "simulated-password-and-token")])).Status.ShouldBe(HttpStatusCode.OK);
        await RefusedAsync(HttpStatusCode.BadRequest, "invalid_grant", [.. form, ("password", "no")]);
    }

    [Fact]
    public async Task Assertion_is_checked_in_every_claim()
    {
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        (await PostAsync(Assertion("simulated-client", "integration@simulated.example", "https://login.salesforce.com", now + 180))).Status.ShouldBe(HttpStatusCode.OK);
        (await PostAsync(Assertion("simulated-client", "integration@simulated.example", _simulated.LoginUrl, now + 180))).Status.ShouldBe(HttpStatusCode.OK);
        await RefusedAsync(HttpStatusCode.BadRequest, "invalid_client_id", Assertion("other", "integration@simulated.example", "https://login.salesforce.com", now + 180));
        await RefusedAsync(HttpStatusCode.BadRequest, "invalid_grant", Assertion("simulated-client", "other@x", "https://login.salesforce.com", now + 180));
        await RefusedAsync(HttpStatusCode.BadRequest, "invalid_grant", Assertion("simulated-client", "integration@simulated.example", "https://evil.example", now + 180));
        await RefusedAsync(HttpStatusCode.BadRequest, "invalid_grant", Assertion("simulated-client", "integration@simulated.example", "https://login.salesforce.com", now - 1));
        await RefusedAsync(HttpStatusCode.BadRequest, "invalid_grant", Assertion("simulated-client", "integration@simulated.example", "https://login.salesforce.com", now + 7200));
        using var stranger = RSA.Create(2048);
        await RefusedAsync(HttpStatusCode.BadRequest, "invalid_grant",
            Assertion("simulated-client", "integration@simulated.example", "https://login.salesforce.com", now + 180, stranger));
    }

    [Fact]
    public async Task Endpoint_fails_on_order()
    {
        _simulated.Faults.Arm(FaultKind.FailToken);
        using var form = new FormUrlEncodedContent([new("grant_type", "client_credentials")]);
        (await _http.PostAsync(new Uri(_simulated.LoginUrl + "/services/oauth2/token"), form, PubSubClient.Deadline())).StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        _simulated.Faults.Arm(FaultKind.FailToken, new FaultOrder { ErrorCode = "invalid_grant" });
        await RefusedAsync(HttpStatusCode.BadRequest, "invalid_grant", ("grant_type", "client_credentials"));
        _simulated.Counts.Tokens.ShouldBe(2);
    }

    [Fact]
    public async Task Rest_wants_a_session_and_describes_the_org()
    {
        var data = _simulated.LoginUrl + "/services/data";
        (await _http.GetStringAsync(new Uri(data), PubSubClient.Deadline())).ShouldContain("\"66.0\"");
        var refused = await _http.GetAsync(new Uri(data + "/v66.0/limits"), PubSubClient.Deadline());
        refused.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await refused.Content.ReadAsStringAsync()).ShouldContain("INVALID_SESSION_ID");

        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", _simulated.Tokens.Issue());
        using var limits = await _http.GetAsync(new Uri(data + "/v66.0/limits"), PubSubClient.Deadline());
        limits.Headers.GetValues("Sforce-Limit-Info").Single().ShouldBe("api-usage=1/100000");
        var describe = await _http.GetFromJsonAsync<JsonElement>(new Uri(data + "/v66.0/sobjects/Account/describe"), PubSubClient.Deadline());
        var fields = describe.GetProperty("fields").EnumerateArray().ToDictionary(f => f.GetProperty("name").GetString()!, f => f);
        fields["BillingStreet"].GetProperty("compoundFieldName").GetString().ShouldBe("BillingAddress");
        fields["Loc__Latitude__s"].GetProperty("type").GetString().ShouldBe("double");
        fields["Id"].GetProperty("type").GetString().ShouldBe("id");
        (await _http.GetAsync(new Uri(data + "/v66.0/sobjects/Nope/describe"), PubSubClient.Deadline())).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await _http.GetStringAsync(new Uri(data + "/v66.0/sobjects"), PubSubClient.Deadline())).ShouldContain("Invoice__c");
        _simulated.Counts.Rest.ShouldBe(4);
    }

    private static (string, string)[] Refresh(string token) => [("grant_type", "refresh_token"), ("client_id", "simulated-client"), ("refresh_token", token)];

    private (string, string)[] Assertion(string issuer, string subject, string audience, long expires, RSA? signer = null)
    {
        var header = Base64Url.EncodeToString("""{"alg":"RS256"}"""u8);
        var claims = Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(new { iss = issuer, sub = subject, aud = audience, exp = expires }));
        var signature = (signer ?? _key).SignData(Encoding.ASCII.GetBytes($"{header}.{claims}"), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        return [("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"), ("assertion", $"{header}.{claims}.{Base64Url.EncodeToString(signature)}")];
    }

    private async Task RefusedAsync(HttpStatusCode status, string code, params (string, string)[] form)
    {
        var answer = await PostAsync(form);
        answer.Status.ShouldBe(status);
        answer.Body.GetProperty("error").GetString().ShouldBe(code);
    }

    private async Task<(HttpStatusCode Status, JsonElement Body)> PostAsync(params (string Name, string Value)[] form)
    {
        using var content = new FormUrlEncodedContent(form.Select(pair => KeyValuePair.Create(pair.Name, pair.Value)));
        using var answer = await _http.PostAsync(new Uri(_simulated.LoginUrl + "/services/oauth2/token"), content, PubSubClient.Deadline());
        return (answer.StatusCode, await answer.Content.ReadFromJsonAsync<JsonElement>(PubSubClient.Deadline()));
    }
}
