namespace SalesforceSync.Cli.Demo;

/// <summary>What to type, with everything still running.</summary>
internal static class WayToLook
{
    /// <param name="record">The id of a record of the copy.</param>
    public static IEnumerable<string> Lines(DemoStage stage, string record)
    {
        var program = string.Join(' ', OwnProgram.Command.Select(Shell));
        yield return "";
        yield return "Everything goes on, at 5 transactions/s, until Ctrl-C.";
        yield return $"The worker's page: {stage.Page}   (the life of a record: type its id there, {record})";
        yield return $"Break the stream:  kill -STOP {stage.SimulatorId}   Salesforce says nothing more; after {DemoStage.SilenceAfter.TotalSeconds:0} s the page and /health/ready say so.";
        yield return $"And let it recover: kill -CONT {stage.SimulatorId}   What was committed meanwhile comes; nothing is lost.";
        yield return $"Kill the worker:   kill -9 {stage.WorkerId}   It is started again.";
        yield return "The tables:";
        yield return $"  {stage.Postgres.ProgramDirectory}/psql -h 127.0.0.1 -p {stage.Postgres.Port} -U postgres demo";
        yield return $"    select id, left(name, 30), billingcity, _sync_commit_at from {DemoStage.OrgName}.account where not _sync_deleted order by _sync_event desc limit 10;";
        yield return "    select * from salesforce_sync.known_gaps;   -- what is known to be missing, since when, and what is being done about it";
        yield return "    select * from salesforce_sync.object;       -- when each object was last proven to be equal";
        yield return "What the worker says of itself, in another terminal:";
        foreach (var (name, value) in stage.WorkerSettings)
            yield return $"  export {name}={Shell(value)}";
        foreach (var verb in new[] { "status", "budget", "check", "verify --all", $"explain {record}" })
            yield return $"  {program} {verb}";
        yield return $"  tail -f {stage.WorkerLog}";
    }

    private static string Shell(string word) => word.All(c => char.IsAsciiLetterOrDigit(c) || "/.:_-".Contains(c)) ? word : $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
