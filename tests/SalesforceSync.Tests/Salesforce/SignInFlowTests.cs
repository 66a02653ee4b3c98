using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using SalesforceSync.Configuration;
using SalesforceSync.Salesforce;
using SalesforceSync.Tests.EndToEnd;

namespace SalesforceSync.Tests.Salesforce;

public class SignInFlowTests
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Fact]
    public async Task Client_credentials_post_id_and_secret()
    {
        await using var server = await LoginServer.StartAsync();
        using var tokens = server.Source(new SignInFlow.ClientCredentials("id&1", new("s=cret +ü")));
        var grant = await tokens.GetAsync(None);
        server.Forms.ShouldHaveSingleItem().ShouldBe(new Dictionary<string, string>
        {
            ["grant_type"] = "client_credentials",
            ["client_id"] = "id&1",
            ["client_secret"] = "s=cret +ü",
        }, ignoreOrder: true);
        grant.Token.Reveal.ShouldBe("00D!CANARY.token");
        grant.InstanceText.ShouldBe(server.Url.ToString().TrimEnd('/'));
        grant.Org.ShouldBe(OrgId.TryParse(LoginServer.Org18));
    }

    [Fact]
    public async Task That_somebody_signed_in_is_said_without_what_came_of_it()
    {
        await using var server = await LoginServer.StartAsync();
        var log = new CapturedLog();
        using var http = new SalesforceHttp(null, TimeProvider.System, log);
        using var tokens = new TokenSource(server.Org(new SignInFlow.ClientCredentials("CANARY-id", new("CANARY-secret"))), http, null, TimeProvider.System, log, 1);
        tokens.Invalidate(await tokens.GetAsync(None));
        await tokens.GetAsync(None);
        log.Lines.Count(line => line.Text.Contains("signed in", StringComparison.Ordinal)).ShouldBe(2);
        log.ToString().ShouldNotContain("CANARY");
    }

    [Fact]
    public async Task Password_posts_user_and_password_and_the_secret_only_when_there_is_one()
    {
        await using var server = await LoginServer.StartAsync();
        using var bare = server.Source(new SignInFlow.Password("id", null, "me@example.com", new("pw+token")));
        using var full = server.Source(new SignInFlow.Password("id", new("secret"), "me@example.com", new("pw+token")));
        await bare.GetAsync(None);
        await full.GetAsync(None);
        var forms = server.Forms.ToArray();
        forms[0].ShouldBe(new Dictionary<string, string>
        {
            ["grant_type"] = "password",
            ["client_id"] = "id",
            ["username"] = "me@example.com",
            ["password"] = "pw+token",
        }, ignoreOrder: true);
        forms[1]["client_secret"].ShouldBe("secret");
    }

    [Fact]
    public async Task An_access_token_is_used_as_it_is_and_never_renewed()
    {
        await using var server = await LoginServer.StartAsync();
        using var tokens = server.Source(new SignInFlow.AccessToken(new("00D!x"), new Uri("https://acme.my.salesforce.com"), "00D000000000001"));
        var grant = await tokens.GetAsync(None);
        grant.Token.Reveal.ShouldBe("00D!x");
        grant.InstanceText.ShouldBe("https://acme.my.salesforce.com");
        grant.Org!.Value.ToString().ShouldBe("00D000000000001EAA");
        tokens.Invalidate(grant);
        (await Should.ThrowAsync<SignInRefusedException>(async () => await tokens.GetAsync(None))).Message.ShouldContain("give a new Auth:AccessToken");
        server.Forms.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_key_signs_a_statement_that_the_server_can_verify()
    {
        using var key = new KeyFile();
        await using var server = await LoginServer.StartAsync();
        using var tokens = server.Source(key.Flow);
        await tokens.GetAsync(None);
        var form = server.Forms.ShouldHaveSingleItem();
        form.Keys.Order().ShouldBe(["assertion", "grant_type"]);
        form["grant_type"].ShouldBe("urn:ietf:params:oauth:grant-type:jwt-bearer");
        var claims = key.Verify(form["assertion"]);
        claims["iss"].GetString().ShouldBe("consumer-key");
        claims["sub"].GetString().ShouldBe("me@example.com");
        claims["aud"].GetString().ShouldBe(server.Url.ToString().TrimEnd('/'));
        var left = DateTimeOffset.FromUnixTimeSeconds(claims["exp"].GetInt64()) - TimeProvider.System.GetUtcNow();
        left.ShouldBeInRange(TimeSpan.FromSeconds(170), TimeSpan.FromSeconds(181));
    }

    [Fact]
    public async Task A_wrong_clock_is_noticed_by_the_servers_date_and_made_up_for()
    {
        using var key = new KeyFile();
        await using var server = await LoginServer.StartAsync();
        server.Token = (context, form) =>
        {
            var left = key.Verify(form["assertion"])["exp"].GetInt64() - TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
            context.Response.Headers.Date = TimeProvider.System.GetUtcNow().ToString("R");
            return left is > 0 and < 300 ? server.GrantAsync(context) : LoginServer.RefuseAsync(context, "invalid_grant");
        };
        foreach (var offset in new[] { TimeSpan.FromMinutes(10), TimeSpan.FromMinutes(-10) })
        {
            server.Forms.Clear();
            using var tokens = server.Source(key.Flow, new OffsetTime(offset));
            tokens.Invalidate(await tokens.GetAsync(None));
            server.Forms.Count.ShouldBe(2);
            await tokens.GetAsync(None);
            server.Forms.Count.ShouldBe(3, "the offset is remembered");
        }
    }

    [Fact]
    public async Task A_refusal_with_the_clocks_in_step_is_not_asked_twice()
    {
        using var key = new KeyFile();
        await using var server = await LoginServer.StartAsync();
        server.Token = (context, _) =>
        {
            context.Response.Headers.Date = TimeProvider.System.GetUtcNow().ToString("R");
            return LoginServer.RefuseAsync(context, "invalid_grant");
        };
        using var tokens = server.Source(key.Flow);
        await Should.ThrowAsync<SignInRefusedException>(async () => await tokens.GetAsync(None));
        server.Forms.Count.ShouldBe(1);
    }

    [Theory]
    [InlineData("https://login.salesforce.com", "https://login.salesforce.com")]
    [InlineData("https://test.salesforce.com", "https://test.salesforce.com")]
    [InlineData("https://acme.my.salesforce.com", "https://login.salesforce.com")]
    [InlineData("https://acme.develop.my.salesforce.com", "https://login.salesforce.com")]
    [InlineData("https://acme--uat.sandbox.my.salesforce.com", "https://test.salesforce.com")]
    [InlineData("https://acme--uat.cs42.my.salesforce.com", "https://test.salesforce.com")]
    [InlineData("https://power-fun-1234.scratch.my.salesforce.com", "https://test.salesforce.com")]
    [InlineData("https://acme.my.site.com/customers", "https://acme.my.site.com/customers")]
    public void The_audience_follows_the_login_host(string loginUrl, string audience) => JwtAssertion.Audience(new Uri(loginUrl)).ShouldBe(audience);

    [Theory]
    [InlineData("00D000000000001", "00D000000000001EAA")]
    [InlineData("00Dd0000000abCD", "00Dd0000000abCDEAY")]
    [InlineData("00Dd0000000abCDEAY", "00Dd0000000abCDEAY")]
    [InlineData("00D", null)]
    [InlineData("00D00000000000-", null)]
    [InlineData(null, null)]
    public void An_org_id_is_widened_to_18_characters(string? text, string? expected) => OrgId.TryParse(text)?.ToString().ShouldBe(expected);

    /// <summary>Our clock, wrong by a fixed amount.</summary>
    private sealed class OffsetTime(TimeSpan offset) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + offset;
    }

    private sealed class KeyFile : IDisposable
    {
        private readonly RSA _rsa = RSA.Create(2048);
        private readonly string _path = Path.GetTempFileName();

        public KeyFile() => File.WriteAllText(_path, _rsa.ExportRSAPrivateKeyPem());

        public SignInFlow.JwtBearer Flow => new("consumer-key", "me@example.com", _path);

        public Dictionary<string, JsonElement> Verify(string assertion)
        {
            var parts = assertion.Split('.');
            parts.Length.ShouldBe(3);
            Encoding.UTF8.GetString(Base64Url.DecodeFromChars(parts[0])).ShouldBe("""{"alg":"RS256","typ":"JWT"}""");
            _rsa.VerifyData(Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}"), Base64Url.DecodeFromChars(parts[2]), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
                .ShouldBeTrue();
            return JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(Base64Url.DecodeFromChars(parts[1]))!;
        }

        public void Dispose()
        {
            File.Delete(_path);
            _rsa.Dispose();
        }
    }
}
