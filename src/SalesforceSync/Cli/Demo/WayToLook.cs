namespace SalesforceSync.Cli.Demo;

/// <summary>What to type, with everything still running.</summary>
internal static class WayToLook
{
    public static IEnumerable<string> Lines(DemoStage stage)
    {
        var program = string.Join(' ', OwnProgram.Command.Select(Shell));
        yield return "";
        yield return "Everything goes on, at 5 transactions/s, until Ctrl-C. The tables:";
        yield return $"  {stage.Postgres.ProgramDirectory}/psql -h 127.0.0.1 -p {stage.Postgres.Port} -U postgres demo";
        yield return $"    select id, left(name, 30), billingcity, _sync_commit_at from {DemoStage.OrgName}.account where not _sync_deleted order by _sync_event desc limit 10;";
        yield return "    select * from salesforce_sync.known_gaps;   -- what is known to be missing, since when, and what is being done about it";
        yield return "    select * from salesforce_sync.object;       -- when each object was last proven to be equal";
        yield return $"What the worker says of itself: {stage.Page}; and in another terminal:";
        foreach (var (name, value) in stage.WorkerSettings)
            yield return $"  export {name}={Shell(value)}";
        foreach (var verb in new[] { "status", "budget", "check", "verify --all", "explain <a record's id>" })
            yield return $"  {program} {verb}";
        yield return $"  tail -f {stage.WorkerLog}";
        yield return $"Kill it yourself: kill -9 {stage.WorkerId}; it is started again.";
    }

    private static string Shell(string word) => word.All(c => char.IsAsciiLetterOrDigit(c) || "/.:_-".Contains(c)) ? word : $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
