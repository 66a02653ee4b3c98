using System.CommandLine;
using System.Text.Json;
using Npgsql;
using SalesforceSync.Cli.Demo;
using SalesforceSync.Database;
using Spectre.Console;

namespace SalesforceSync.Cli;

/// <summary>
/// <c>demo</c>: a simulated org, full of records and busy, is copied into a private Postgres while the worker is killed again and again and loses its replay id;
/// then what is known to be missing is repaired, and every record compared. Exit code 0 only when the copy is the org and nothing is left to do.
/// </summary>
internal static class DemoVerb
{
    private const double KeptRate = 5;
    private const int TailLines = 10;

    // One that has a life to show: changed lately.
    private const string AnyRecord = $"select id from {DemoStage.OrgName}.account where not _sync_deleted order by _sync_event desc limit 1";

    private static readonly Option<int> Records = SimulateOptions.Number("--records", "how many records the org has before", 50_000, 100, 10_000_000);

    private static readonly Option<double> Seconds = SimulateOptions.Number("--seconds", "how long the org is busy", 60d, 1, 86_400);

    private static readonly Option<double> Rate = SimulateOptions.Number("--rate", "transactions per second", 200d, 1, 10_000);

    private static readonly Option<int> Seed = SimulateOptions.Number("--seed", "decides all that is left to chance", 1, int.MinValue, int.MaxValue);

    private static readonly Option<bool> Keep = new("--keep") { Description = "leave everything running afterwards, until Ctrl-C, and say how to look" };

    private static readonly Option<bool> Json = new("--json") { Description = "print one JSON document on standard output; announcements go to standard error" };

    public static Option[] Options { get; } = [Records, Seconds, Rate, Seed, Keep, Json];

    public static async Task<int> RunAsync(ParseResult parsed, Surroundings surroundings, CancellationToken stop)
    {
        var order = new DemoOrder(parsed.GetValue(Records), parsed.GetValue(Seconds), parsed.GetValue(Rate), parsed.GetValue(Seed), parsed.GetValue(Keep), parsed.GetValue(Json));
        using var signals = new StopSignals();
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, signals.Stop);
        var screen = Screen(order, surroundings);
        try
        {
            return await PlayAsync(order, screen, surroundings, either.Token);
        }
        catch (OperationCanceledException) when (either.IsCancellationRequested)
        {
            screen.Announce("stopped before the end: nothing is proven; everything was taken down");
            return ExitCode.Failed;
        }
        catch (Exception e) when (e is DemoFailedException or InvalidOperationException or HttpRequestException)
        {
            screen.Announce($"FAILED: {e.Message}");
            return ExitCode.Failed;
        }
    }

    private static async Task<int> PlayAsync(DemoOrder order, IDemoScreen screen, Surroundings surroundings, CancellationToken stop)
    {
        var began = surroundings.Time.GetTimestamp();
        await using var stage = await DemoStage.StartAsync(order, screen.Announce, surroundings.Time, stop);
        try
        {
            var run = new DemoRun(stage, order, screen, surroundings.Time);
            await using var source = Postgres.Open(stage.ConnectionString, "salesforce-sync demo");
            var figures = await run.RunAsync(source, stop);
            screen.Announce("comparing every field of every record with the org's own record");
            var truth = await stage.Org.TruthAsync(stop);
            var evidence = await DemoEvidence.ReadAsync(truth, source, stage.ConnectionString, DemoStage.OrgName, stop);
            var outcome = new DemoOutcome(truth, await stage.Org.StateAsync(stop), figures, evidence, run.Unsettled, TornLog.Otherwise(stage.WorkerLog));
            var result = DemoResult.Of(order, surroundings.Time.GetElapsedTime(began), outcome);
            if (!result.Ok)
                ShowLog(stage, screen);
            await ShowAsync(order, result, screen, surroundings);
            if (order.Keep)
                await KeepAsync(stage, run, source, screen, stop);
            return result.Ok ? ExitCode.Done : ExitCode.Failed;
        }
        catch (Exception e) when (e is DemoFailedException or NpgsqlException or HttpRequestException)
        {
            ShowLog(stage, screen);
            throw;
        }
    }

    private static async Task ShowAsync(DemoOrder order, DemoResult result, IDemoScreen screen, Surroundings surroundings)
    {
        screen.Print(DemoReport.Lines(result));
        if (order.Json)
            await surroundings.Out.WriteLineAsync(JsonSerializer.Serialize(result, JsonSerializerOptions.Web));
    }

    /// <summary>Everything is taken down afterwards, so what explains a failure is told now and kept.</summary>
    private static void ShowLog(DemoStage stage, IDemoScreen screen)
    {
        foreach (var line in LogTail.Of(stage.WorkerLog, TailLines))
            screen.Announce($"worker's log: {line}");
        if (!File.Exists(stage.WorkerLog))
            return;
        var kept = Path.Combine(Path.GetTempPath(), $"salesforce-sync-demo-{Environment.ProcessId}.log");
        File.Copy(stage.WorkerLog, kept, overwrite: true);
        screen.Announce($"the whole log of the worker is kept in {kept}");
    }

    private static async Task KeepAsync(DemoStage stage, DemoRun run, NpgsqlDataSource source, IDemoScreen screen, CancellationToken stop)
    {
        await stage.Org.StartWorkloadAsync(run.Workload(KeptRate, length: null), stop);
        await using var any = source.CreateCommand(AnyRecord);
        screen.Print(WayToLook.Lines(stage, await any.ExecuteScalarAsync(stop) as string ?? "none"));
        try
        {
            await stage.KeepWorkerAsync(screen.Announce, stop);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            screen.Announce("stopping; everything is taken down");
        }
    }

    private static IDemoScreen Screen(DemoOrder order, Surroundings surroundings)
    {
        if (order.Json || !surroundings.IsTerminal)
            return new LineScreen(order.Json ? surroundings.Error : surroundings.Out, surroundings.Time);
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(surroundings.Out) });
        return console.Profile.Capabilities.Ansi ? new LiveScreen(console, surroundings.Time) : new LineScreen(surroundings.Out, surroundings.Time);
    }
}
