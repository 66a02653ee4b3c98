using System.CommandLine;
using Npgsql;

namespace SalesforceSync.Cli;

/// <summary>The verbs and what they take.</summary>
internal static class CommandLine
{
    private static readonly Option<string?> Config = new("--config") { Description = "a JSON file read after appsettings.json; init, demo and simulate read none", HelpName = "file", Recursive = true };

    private static readonly Option<string?> Org = new("--org") { Description = "this org only; a verb that does one org needs it where there are several", HelpName = "name" };

    private static readonly Option<bool> Json = new("--json") { Description = "print one JSON document and nothing else" };

    private static readonly Option<string?> Object = new("--object") { Description = "API name of an object; without it the whole org", HelpName = "name" };

    private static readonly Option<string?> WriteMetadata =
        new("--write-metadata") { Description = "write the permission set and channel members for an administrator to deploy", HelpName = "folder" };

    /// <summary>Runs one verb to its end and returns the exit code. A wrong command line is 2, as is a wrong configuration.</summary>
    public static async Task<int> RunAsync(string[] args, Surroundings surroundings)
    {
        var parsed = Root(surroundings).Parse(args);
        if (parsed.Errors.Count > 0)
        {
            foreach (var error in parsed.Errors)
                await surroundings.Error.WriteLineAsync(error.Message);
            await surroundings.Error.WriteLineAsync("salesforce-sync --help shows what there is");
            return ExitCode.Usage;
        }
        // Signals are our own affair (StopSignals): only run has something to bring to an end.
        var invocation = new InvocationConfiguration
        {
            Output = surroundings.Out,
            Error = surroundings.Error,
            EnableDefaultExceptionHandler = false,
            ProcessTerminationTimeout = null,
        };
        try
        {
            return await parsed.InvokeAsync(invocation, CancellationToken.None);
        }
        catch (NpgsqlException e)
        {
            await surroundings.Error.WriteLineAsync($"Postgres: {PostgresFailure.Say(e)}");
            return ExitCode.Failed;
        }
    }

    private static RootCommand Root(Surroundings surroundings) => new("Keeps Postgres an exact, transactional, real-time copy of Salesforce.")
    {
        Config,
        Verb("run", "copies the configured orgs until told to stop", [Org], (p, s, stop) => RunVerb.RunAsync(p.GetValue(Org), s, stop), surroundings),
        Verb("init", "writes a first configuration file by asking, with comments, and says where each secret goes", [Json, .. InitVerb.Options],
            (p, s, stop) => InitVerb.RunAsync(p.GetValue(Json), p, s, stop), surroundings, reads: false),
        Verb("check", "tries sign-in, channels, limits and Postgres, and says what to do about each fault", [Org, Json, WriteMetadata],
            (p, s, stop) => CheckVerb.RunAsync(p.GetValue(Org), p.GetValue(Json), p.GetValue(WriteMetadata), s, stop), surroundings),
        Verb("status", "shows how far each org is, what is known to be missing and being done, and when the rest was last proven; 3 when an org is degraded or failed", [Org, Json],
            (p, s, stop) => StatusVerb.RunAsync(p.GetValue(Org), p.GetValue(Json), s, stop), surroundings),
        Verb("verify", "compares objects with Salesforce, repairs what differs and says when each was last proven; 3 when something stayed open",
            [VerifyVerb.Org, VerifyVerb.Object, VerifyVerb.All, VerifyVerb.Deep, VerifyVerb.DryRun, Json], (p, s, stop) => VerifyVerb.RunAsync(p, p.GetValue(Json), s, stop), surroundings),
        Verb("plan", "shows what the first snapshot, the daily sweep and a month cost in API calls", [Org, Json, .. PlanVerb.Options],
            (p, s, stop) => PlanVerb.RunAsync(p.GetValue(Org), p.GetValue(Json), p, s, stop), surroundings),
        Verb("snapshot", "reads objects whole from Salesforce, under the running stream", [Org, Json, .. SnapshotVerb.Options],
            (p, s, stop) => SnapshotVerb.RunAsync(p.GetValue(Org), p.GetValue(Json), p, s, stop), surroundings),
        Verb("repair", "fetches records, or an object, from Salesforce again, 3 when something stayed open; without an object shows what is open", [Org, Json, .. RepairVerb.Options],
            (p, s, stop) => RepairVerb.RunAsync(p.GetValue(Org), p.GetValue(Json), p, s, stop), surroundings),
        Quarantine(surroundings),
        Verb("pause", "stops receiving and applying for an org, which keeps its place; with --object stops copying that object", [Org, Object, Json],
            (p, s, stop) => PauseVerb.RunAsync(p.GetValue(Org), p.GetValue(Object), p.GetValue(Json), s, stop), surroundings),
        Verb("resume", "lets a paused org go on; with --object copies an object again that was paused or frozen", [Org, Object, Json],
            (p, s, stop) => ResumeVerb.RunAsync(p.GetValue(Org), p.GetValue(Object), p.GetValue(Json), s, stop), surroundings),
        Verb("rebuild", "makes tables again from what is kept in Postgres, with no call to Salesforce, beside a running worker", [Org, Json, .. RebuildVerb.Options],
            (p, s, stop) => RebuildVerb.RunAsync(p.GetValue(Org), p.GetValue(Json), p, s, stop), surroundings),
        Verb("replay", "brings the records stored events told of since a position or a time to what is kept of them, with no call to Salesforce; other rows stay",
            [Org, Json, .. ReplayVerb.Options], (p, s, stop) => ReplayVerb.RunAsync(p.GetValue(Org), p.GetValue(Json), p, s, stop), surroundings),
        Explain(surroundings),
        Verb("budget", "shows what the month's API calls were spent on, what they will come to, and the delivered events", [Org, Json],
            (p, s, stop) => BudgetVerb.RunAsync(p.GetValue(Org), p.GetValue(Json), s, stop), surroundings),
        Verb("health", "asks a worker on this machine whether it is ready", [Json], (p, s, stop) => HealthVerb.RunAsync(p.GetValue(Json), s, stop), surroundings),
        Verb("migrate", "brings the control schema in Postgres up to date; with --roles makes roles for owner, worker and readers", [Json, .. MigrateVerb.Options],
            (p, s, stop) => MigrateVerb.RunAsync(p.GetValue(Json), p, s, stop), surroundings),
        Verb("demo", "copies a simulated org into a private Postgres while the worker is killed and loses its replay id, and compares", DemoVerb.Options, (p, s, stop) => DemoVerb.RunAsync(p, s, stop), surroundings, reads: false),
        Verb("simulate", "a simulated Salesforce org that is busy until told to stop", SimulateOptions.All, (p, s, stop) => SimulateVerb.RunAsync(p, s, stop), surroundings, reads: false),
    };

    private static Command Explain(Surroundings surroundings)
    {
        var verb = Verb("explain", "shows the life of one record: events, transactions, readings, repairs, its row", [Org, Json, .. ExplainVerb.Options],
            (p, s, stop) => ExplainVerb.RunAsync(p.GetValue(Org), p.GetValue(Json), p, s, stop), surroundings);
        verb.Arguments.Add(ExplainVerb.Record);
        return verb;
    }

    private static Command Quarantine(Surroundings surroundings)
    {
        var verb = new Command("quarantine", "shows the events that could not be decoded or written, and closes them");
        foreach (var part in QuarantineVerb.Parts)
            verb.Subcommands.Add(Verb(part.Name, part.Description, [Org, Json, .. part.Options],
                (p, s, stop) => part.Run(p.GetValue(Org), p.GetValue(Json), p, s, stop), surroundings));
        return verb;
    }

    private static Command Verb(
        string name, string description, Option[] options, Func<ParseResult, Surroundings, CancellationToken, Task<int>> run, Surroundings surroundings,
        bool reads = true)
    {
        var verb = new Command(name, description);
        foreach (var option in options)
            verb.Options.Add(option);
        if (!reads)
            verb.Validators.Add(parsed =>
            {
                if (parsed.GetResult(Config) is { Implicit: false }) parsed.AddError($"--config: {name} reads no configuration: leave it out");
            });
        verb.SetAction((parsed, stop) =>
            run(parsed, surroundings with { Sources = surroundings.Sources with { ConfigFile = parsed.GetValue(Config) ?? surroundings.Sources.ConfigFile } }, stop));
        return verb;
    }
}
