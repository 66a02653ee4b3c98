using Microsoft.Extensions.Logging;
using SalesforceSync.Configuration;
using SalesforceSync.Database;
using SalesforceSync.Diagnostics;
using SalesforceSync.Status;

namespace SalesforceSync.Cli;

/// <summary><c>run</c>: the worker, in the foreground, until a signal.</summary>
internal static class RunVerb
{
    // A container engine sends SIGKILL ten seconds after SIGTERM. What has not ended by then is left to Postgres, which rolls it back.
    private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(7);

    public static async Task<int> RunAsync(string? org, Surroundings surroundings, CancellationToken stop)
    {
        using var signals = new StopSignals();
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, signals.Stop);
        var configuration = new SyncConfiguration(surroundings.Sources);
        var options = configuration.ReadAll();
        using var loggers = Logs.Open(configuration.Root, ofRun: true, surroundings.IsTerminal, out var logFault, surroundings.Time);
        List<ConfigurationFault> faults = [.. configuration.Faults];
        if (logFault is not null)
            faults.Add(logFault);
        if (options is not null && org is not null && options.Orgs.All(o => o.Name != org))
            faults.Add(Faults.UnknownOrg(org, options.Orgs.Select(o => o.Name)));
        if (faults.Count > 0)
            return await Faults.PrintAsync(faults, surroundings.Error);
        if (org is not null)
            options = options! with { Orgs = [.. options.Orgs.Where(o => o.Name == org)] };
        return await WorkAsync(options!, loggers!, surroundings.Time, either.Token);
    }

    private static async Task<int> WorkAsync(SyncOptions options, ILoggerFactory loggers, TimeProvider time, CancellationToken stop)
    {
        var logger = loggers.CreateLogger(typeof(RunVerb));
        logger.Started(typeof(RunVerb).Assembly.GetName().Version!.ToString(3), options.Orgs.Count);
        var health = new WorkerHealth(time);
        var (progress, board) = (new WorkerProgress(time), new Board(options, time));
        using var gauges = new Gauges(progress, board, time);
        using var metrics = Telemetry.Open(options.Telemetry);
        using var traces = Telemetry.OpenTraces(options.Telemetry);
        await using var source = Postgres.Open(options.Postgres.Reveal, "salesforce-sync page");
        using var lives = new RecordLives(source, options.Orgs, time);
        var live = new LiveOverview(board, progress, time);
        var server = new HttpServer(new Routes(health, board, live, lives, new Acts(source, options.Orgs), metrics), options.Http.Token, time, loggers);
        var worker = new Worker(options, loggers, health, progress, board, time);
        using var farewell = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
        await using var leaving = stop.UnsafeRegister(_ => farewell.CancelAfter(Farewell), null);
        var overdue = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var late = farewell.Token.UnsafeRegister(_ => overdue.TrySetResult(), null);
        try
        {
            await using var http = new TaskGroup(CancellationToken.None);
            http.Start("http", s => server.RunAsync(options.Http.Port, s));
            http.Start("overview", live.RunAsync);
            var working = worker.RunAsync(stop);
            if (await Task.WhenAny(working, overdue.Task) != working)
            {
                logger.CutShort(Farewell.TotalSeconds);
                return ExitCode.Done;
            }
            var code = await working;
            logger.Ended(code);
            return code;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            logger.Ended(ExitCode.Done);
            return ExitCode.Done;
        }
        catch (Exception e)
        {
            logger.Broke(e);
            return ExitCode.Failed;
        }
        finally
        {
            Telemetry.Close(metrics, traces);
        }
    }
}
