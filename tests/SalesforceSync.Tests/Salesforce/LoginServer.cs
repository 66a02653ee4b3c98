using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using SalesforceSync.Configuration;
using SalesforceSync.Salesforce;

namespace SalesforceSync.Tests.Salesforce;

/// <summary>A login host over a real socket: it records what is asked and answers what the test says.</summary>
internal sealed class LoginServer : IAsyncDisposable
{
    public const string Org18 = "00D000000000001AAA";

    private readonly WebApplication _host;

    private LoginServer(WebApplication host) => _host = host;

    public Uri Url { get; private set; } = null!;

    /// <summary>The forms posted to the token endpoint, in order.</summary>
    public ConcurrentQueue<Dictionary<string, string>> Forms { get; } = [];

    public ConcurrentQueue<string> Gets { get; } = [];

    /// <summary>Answers the token endpoint; gets the form.</summary>
    public Func<HttpContext, Dictionary<string, string>, Task>? Token { get; set; }

    public Func<HttpContext, Task>? Rest { get; set; }

    public static async Task<LoginServer> StartAsync(X509Certificate2? certificate = null)
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen =>
        {
            if (certificate is not null)
                listen.UseHttps(certificate);
        }));
        if (certificate is not null)
            builder.WebHost.UseKestrelHttpsConfiguration();
        var server = new LoginServer(builder.Build());
        server._host.Run(server.AnswerAsync);
        await server._host.StartAsync();
        server.Url = new Uri(server._host.Urls.Single());
        return server;
    }

    public static X509Certificate2 SelfSigned(string host)
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest($"CN={host}", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(host);
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        var now = TimeProvider.System.GetUtcNow();
        using var made = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        return X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pfx), null);
    }

    /// <summary>A grant as Salesforce words it.</summary>
    public Task GrantAsync(HttpContext context, string token = "00D!CANARY.token", string? refreshToken = null) =>
        context.Response.WriteAsJsonAsync(new
        {
            access_token = token,
            instance_url = Url.ToString(),
            id = $"https://login.salesforce.com/id/{Org18}/005000000000001AAA",
            token_type = "Bearer",
            issued_at = "1763600000000",
            signature = "x",
            refresh_token = refreshToken,
        });

    public static Task RefuseAsync(HttpContext context, string error, int status = 400, string description = "CANARY-description")
    {
        context.Response.StatusCode = status;
        return context.Response.WriteAsJsonAsync(new { error, error_description = description });
    }

    public OrgOptions Org(SignInFlow flow) => new() { Name = "acme", LoginUrl = Url, Auth = flow, Schema = "acme" };

    public TokenSource Source(SignInFlow flow, TimeProvider? time = null, RotatedTokenStore? rotated = null, int attempts = 1) =>
        new(Org(flow), new SalesforceHttp(null, time ?? TimeProvider.System, NullLogger.Instance), rotated, time ?? TimeProvider.System, NullLogger.Instance, attempts);

    public async ValueTask DisposeAsync() => await _host.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        if (context.Request.Path != "/services/oauth2/token")
        {
            Gets.Enqueue(context.Request.Path);
            await (Rest ?? throw new InvalidOperationException("no REST expected"))(context);
            return;
        }
        context.Request.Method.ShouldBe("POST");
        context.Request.ContentType.ShouldBe("application/x-www-form-urlencoded");
        var form = (await context.Request.ReadFormAsync()).ToDictionary(f => f.Key, f => f.Value.ToString());
        Forms.Enqueue(form);
        await (Token is null ? GrantAsync(context) : Token(context, form));
    }
}
