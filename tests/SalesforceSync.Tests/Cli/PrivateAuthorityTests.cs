using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json;
using SalesforceSync.Simulator.Server;
using SalesforceSync.Tests.Protocol.Strangers;

namespace SalesforceSync.Tests.Cli;

/// <summary>
/// Behind a proxy that opens TLS, Salesforce shows a certificate of the company's own authority. SSL_CERT_FILE makes it trusted (OpenSSL, X509_get_default_cert_file_env);
/// it is read when a process starts, so these tests start one.
/// </summary>
public sealed class PrivateAuthorityTests : IAsyncLifetime, IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);
    private readonly CertificateFiles _files = new();
    private SimulatedSalesforce _salesforce = null!;

    public async Task InitializeAsync() =>
        _salesforce = await SimulatedSalesforce.StartAsync(new SimulatorSettings { Certificate = _files.Localhost }, TimeProvider.System, CancellationToken.None);

    public async Task DisposeAsync() => await _salesforce.DisposeAsync();

    public void Dispose() => _files.Dispose();

    [Fact]
    public async Task Authority_in_SSL_CERT_FILE_is_trusted_for_signing_in_for_the_stream_and_for_rest()
    {
        var checks = await CheckAsync(SigningIn(), trusted: true);
        checks["sign-in"].ShouldStartWith("ok");
        checks["identity"].ShouldBe($"ok: org {_salesforce.Org.Options.OrgId}");
        checks["channel /data/ChangeEvents"].ShouldStartWith("ok");
        checks["api calls"].ShouldStartWith("ok");
        Asked.Item1.ShouldBe(1);
        (Asked.Item2 > 0, Asked.Item3 > 0).ShouldBe((true, true));
    }

    [Fact]
    public async Task Without_it_nobody_signs_in()
    {
        var checks = await CheckAsync(SigningIn(), trusted: false);
        checks["sign-in"].ShouldStartWith("failed");
        Asked.ShouldBe((0, 0, 0));
    }

    [Fact]
    public async Task Without_it_a_token_at_hand_goes_neither_to_the_stream_nor_to_rest()
    {
        var checks = await CheckAsync(WithToken(), trusted: false);
        checks["channel /data/ChangeEvents"].ShouldStartWith("failed");
        checks["api calls"].ShouldStartWith("failed");
        Asked.ShouldBe((0, 0, 0));

        checks = await CheckAsync(WithToken(), trusted: true);
        checks["channel /data/ChangeEvents"].ShouldStartWith("ok");
        checks["api calls"].ShouldStartWith("ok");
        Asked.Item1.ShouldBe(0);
        (Asked.Item2 > 0, Asked.Item3 > 0).ShouldBe((true, true));
    }

    /// <summary>What arrived: sign-ins, Pub/Sub calls, REST calls.</summary>
    private (long SignIns, long Topics, long RestCalls) Asked => (_salesforce.Counts.Tokens, _salesforce.Counts.Topics, _salesforce.Counts.Rest);

    private Dictionary<string, string> SigningIn() => new()
    {
        ["Orgs__acme__LoginUrl"] = _salesforce.LoginUrl,
        ["Orgs__acme__Auth__ClientId"] = _salesforce.Settings.SignIn.ClientId,
        ["Orgs__acme__Auth__ClientSecret"] = _salesforce.Settings.SignIn.ClientSecret,
    };

    private Dictionary<string, string> WithToken() => new()
    {
        ["Orgs__acme__Auth__Flow"] = "AccessToken",
        ["Orgs__acme__Auth__AccessToken"] = _salesforce.Tokens.Issue(),
        ["Orgs__acme__Auth__InstanceUrl"] = _salesforce.InstanceUrl,
        ["Orgs__acme__Auth__TenantId"] = _salesforce.Org.Options.OrgId,
    };

    /// <returns>What <c>check --json</c> found, by check.</returns>
    private async Task<Dictionary<string, string>> CheckAsync(Dictionary<string, string> org, bool trusted)
    {
        // Through the host that runs the tests: the program's own launcher would have to find the framework first.
        var host = Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", "dotnet");
        var start = new ProcessStartInfo(host, ["exec", Path.Combine(AppContext.BaseDirectory, "salesforce-sync.dll"), "check", "--json"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.GetTempPath(),
        };
        ShortLife.Of(start);
        start.Environment.Remove("SSL_CERT_FILE");
        start.Environment.Remove("SSL_CERT_DIR");
        if (trusted) start.Environment["SSL_CERT_FILE"] = _files.Authority;
        // No database answers there; the org is checked all the same.
        start.Environment["ConnectionStrings__Postgres"] = "Host=127.0.0.1;Port=1;Username=u";
        start.Environment["Orgs__acme__PubSubEndpoint"] = _salesforce.PubSubEndpoint;
        foreach (var (name, value) in org) start.Environment[name] = value;
        using var process = Process.Start(start)!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        try
        {
            await process.WaitForExitAsync().WaitAsync(Patience, TimeProvider.System);
        }
        finally
        {
            if (!process.HasExited) process.Kill();
        }
        var said = await output;
        said.ShouldStartWith("{", Case.Sensitive, await error);
        using var document = JsonDocument.Parse(said);
        return document.RootElement.GetProperty("checks").EnumerateArray().Where(c => c.GetProperty("org").GetString() == "acme")
            .ToDictionary(c => c.GetProperty("check").GetString()!, c => $"{c.GetProperty("outcome").GetString()}: {c.GetProperty("found").GetString()}");
    }
}
