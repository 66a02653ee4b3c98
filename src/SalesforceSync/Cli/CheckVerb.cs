using System.Text.Json;
using Microsoft.Extensions.Logging;
using Npgsql;
using SalesforceSync.Cli.Checks;
using SalesforceSync.Configuration;
using SalesforceSync.Database;
using SalesforceSync.Protocol;
using SalesforceSync.Salesforce;

namespace SalesforceSync.Cli;

/// <summary><c>check</c>: everything that <c>run</c> will need, tried once, every fault with its remedy, and what the check itself cost.</summary>
internal static class CheckVerb
{
    private static readonly JsonSerializerOptions Web = new(JsonSerializerDefaults.Web);

    /// <param name="metadata">A folder to write what an administrator deploys; null: nothing is written.</param>
    public static async Task<int> RunAsync(string? org, bool json, string? metadata, Surroundings surroundings, CancellationToken stop)
    {
        var configuration = new SyncConfiguration(surroundings.Sources);
        var options = configuration.ReadAll();
        using var loggers = Logs.Open(configuration.Root, ofRun: false, surroundings.IsTerminal, out var logFault);
        List<ConfigurationFault> faults = [.. configuration.Faults];
        if (logFault is not null)
            faults.Add(logFault);
        if (options is not null && org is not null && options.Orgs.All(o => o.Name != org))
            faults.Add(Faults.UnknownOrg(org, options.Orgs.Select(o => o.Name)));
        if (faults.Count > 0)
            return await Faults.PrintAsync(faults, surroundings.Error);
        var orgs = org is null ? options!.Orgs : [.. options!.Orgs.Where(o => o.Name == org)];
        if (metadata is not null && orgs.Count > 1)
            return await Faults.PrintAsync([new("--write-metadata", metadata, "name one org with --org: what is deployed differs")], surroundings.Error);
        var document = await CheckAsync(options.Postgres, orgs, metadata, surroundings, loggers!, stop);
        if (json)
            await surroundings.Out.WriteLineAsync(JsonSerializer.Serialize(document, Web));
        else
            await ShowAsync(surroundings, document);
        return document.Ok ? ExitCode.Done : ExitCode.Failed;
    }

    private static async Task<CheckDocument> CheckAsync(
        Secret postgres, IReadOnlyList<OrgOptions> orgs, string? metadata, Surroundings surroundings, ILoggerFactory loggers, CancellationToken stop)
    {
        await using var source = Postgres.Open(postgres.Reveal, "salesforce-sync check");
        var database = new PostgresCheck(source, orgs, surroundings.Time);
        var findings = await database.RunAsync(stop);
        foreach (var org in orgs)
            await surroundings.Error.WriteLineAsync($"{org.Name}: costs {OrgCheck.Price(org, database.ObjectsOf(org.Name))} API calls and one for each object found in addition");
        var calls = 0;
        foreach (var org in orgs)
        {
            var (found, cost) = await CheckAsync(org, database, source, metadata, surroundings, loggers, stop);
            findings.AddRange(found);
            calls += cost;
        }
        return new CheckDocument(findings.All(f => f.Outcome != Outcome.Failed), calls, findings);
    }

    private static async Task<(List<Finding> Findings, int Calls)> CheckAsync(
        OrgOptions org, PostgresCheck database, NpgsqlDataSource source, string? metadata, Surroundings surroundings, ILoggerFactory loggers, CancellationToken stop)
    {
        // Signing in may use up the only refresh token: not without a place for the next one.
        if (org.Auth is SignInFlow.RefreshToken && !database.IsMigrated)
            return ([Finding.Failed(org.Name, "sign-in", "not tried: there is no place yet for the refresh token the org may answer with", "run migrate first")], 0);
        var time = surroundings.Time;
        var ledger = database.IsMigrated ? new ApiLedger(source, org.ApiBudget, time, loggers.CreateLogger<ApiLedger>()) : null;
        using var http = new SalesforceHttp(ledger, time, loggers.CreateLogger<SalesforceHttp>());
        using var tokens = new TokenSource(org, http, new RotatedTokenStore(source), time, loggers.CreateLogger<TokenSource>(), attempts: 2);
        using var channel = new GrpcChannel(org.PubSubEndpoint, time);
        var pubSub = new PubSubClient(channel, tokens, org.Name, time, loggers.CreateLogger<PubSubClient>());
        var check = new OrgCheck(org, database.StoredOrgs.GetValueOrDefault(org.Name), database.ObjectsOf(org.Name), tokens, http, pubSub);
        try
        {
            var findings = await check.RunAsync(stop);
            if (metadata is not null)
                findings.Add(await WriteAsync(org, metadata, check.Objects, stop));
            return (findings, check.ApiCalls);
        }
        catch (NpgsqlException e)
        {
            return ([Finding.Failed(org.Name, "postgres", "cannot book calls or keep tokens", PostgresFailure.Say(e))], check.ApiCalls);
        }
    }

    private static async Task<Finding> WriteAsync(OrgOptions org, string folder, IReadOnlyList<CheckedObject> objects, CancellationToken stop)
    {
        const string Check = "metadata";
        if (objects.Count == 0)
            return Finding.Failed(org.Name, Check, "nothing written: no object is known", "name the objects under Objects, or see why the channel's members are not readable");
        try
        {
            var files = MetadataFiles.Of(org, objects);
            await MetadataFiles.WriteAsync(folder, files, stop);
            return Finding.Ok(org.Name, Check, $"{files.Count} files in {folder}: deploy them (sf project deploy start --metadata-dir), then give the permission set to the integration user");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Finding.Failed(org.Name, Check, $"cannot be written: {e.GetType().Name}", "name a folder this program may write");
        }
    }

    private static async Task ShowAsync(Surroundings surroundings, CheckDocument document)
    {
        await Screen.ShowAsync(surroundings, ["", "org", "check", "found", "what to do"],
            [.. document.Checks.Select(f => new[] { Word(f.Outcome), f.Org ?? "", f.Check, f.Found, f.Remedy ?? "" })]);
        await surroundings.Out.WriteLineAsync(document.Ok ? "ready to run" : "not ready: see what to do");
        await surroundings.Out.WriteLineAsync($"this check cost {document.ApiCalls} API calls");
    }

    private static string Word(Outcome outcome) => outcome switch
    {
        Outcome.Ok => "ok",
        Outcome.Warning => "warning",
        _ => "FAILED",
    };
}
