using System.Globalization;
using System.Text.Json;
using SalesforceSync.Benchmarks.EndToEnd;
using SalesforceSync.Cli.Demo;
using SalesforceSync.Database;

namespace SalesforceSync.Benchmarks.Readers;

/// <summary>
/// How long a live event takes to be seen, with nobody watching and with a crowd at the worker's server, in turns, in one run on the same cores. Simulated org,
/// worker, Postgres and the crowd are processes of their own.
/// </summary>
internal static class ReadersBench
{
    public const string Usage = "readers [--rounds 1..20] [--seconds 5..120]";

    private const int Rate = 500;
    private const int Pollers = 200;
    private const int Listeners = 50;

    /// <summary>The lag with a crowd may be so many times what it is without.</summary>
    private const double MostRatio = 1.2;

    /// <returns>0 when the limit is held, 1 when it is missed, 2 for a wrong command line.</returns>
    public static async Task<int> RunAsync(IReadOnlyList<string> args, TimeProvider time)
    {
        var (rounds, seconds) = (5, 20);
        for (var i = 0; i < args.Count; i += 2)
        {
            if (i + 1 < args.Count && int.TryParse(args[i + 1], NumberStyles.None, CultureInfo.InvariantCulture, out var value))
            {
                if ((args[i], value) is ("--rounds", >= 1 and <= 20))
                {
                    rounds = value;
                    continue;
                }
                if ((args[i], value) is ("--seconds", >= 5 and <= 120))
                {
                    seconds = value;
                    continue;
                }
            }
            await Console.Error.WriteLineAsync(Usage);
            return 2;
        }
        return await MeasureAsync(rounds, seconds, time, CancellationToken.None);
    }

    private static async Task<int> MeasureAsync(int rounds, int seconds, TimeProvider time, CancellationToken stop)
    {
        var program = Path.Combine(EndToEndBench.Root(), "out", "salesforce-sync");
        using var authority = new LocalAuthority(time);
        await using var postgres = await LocalPostgres.StartAsync(new LocalPostgresOptions(), time, stop);
        await using var org = await BenchedOrg.StartAsync(program, "readers", authority, time, stop);
        await using var worker = await WorkerContestant.StartAsync(program, org, await postgres.CreateDatabaseAsync("readers", stop), authority, time, stop);
        await EndToEndBench.SubscribedAsync([worker], time, stop);
        var server = await worker.ListeningAsync(time, stop);
        Console.WriteLine($"""
            {time.GetUtcNow():yyyy-MM-dd HH:mm} UTC, {Environment.ProcessorCount} cores (load before: {(await File.ReadAllTextAsync("/proc/loadavg", stop)).Split(' ')[0]})
            live, {Rate} events/s for {seconds} s a round, publish to visible; the crowd: {Pollers} ask for the overview every second, {Listeners} listen

            round     watched by        p50 ms    p99 ms    max ms   answers   heard   failed
            """);
        await LiveLag.RunAsync(worker, seconds, Rate, time, stop);
        var (alone, watched) = (new List<LagFigures>(), new List<LagFigures>());
        for (var round = 1; round <= rounds; round++)
        {
            // Each goes first in turn: what comes second finds the machine as the first has left it.
            foreach (var isWatched in round % 2 == 0 ? [true, false] : new[] { false, true })
            {
                await using var crowd = isWatched ? await CrowdProcess.StartAsync(authority, server, Pollers, Listeners, time, stop) : null;
                var lag = await LiveLag.RunAsync(worker, seconds, Rate, time, stop);
                (isWatched ? watched : alone).Add(lag);
                var read = crowd is null ? null : await crowd.EndAsync(stop);
                Console.WriteLine($"{round,-9} {(isWatched ? "the crowd" : "nobody"),-12} {lag.P50,11:0.0} {lag.P99,9:0.0} {lag.Max,9:0.0} {read?.Polls,9} {read?.Editions,7} {read?.Failed,8}");
                if (read is not null && (read.Failed > 0 || read.Polls < Pollers * (seconds - 2) || read.Editions < Listeners * (seconds / 2 - 2)))
                    throw new InvalidOperationException($"the crowd was not served as it asked: {JsonSerializer.Serialize(read)}");
            }
        }
        var (p50, p99) = (Ratio(lag => lag.P50), Ratio(lag => lag.P99));
        Console.WriteLine($"\nmedian over the rounds of watched to unwatched: p50 {p50:0.00}, p99 {p99:0.00} (limit {MostRatio})");
        var isHeld = p50 <= MostRatio && p99 <= MostRatio;
        Console.WriteLine(isHeld ? "the limit is held" : "the limit is missed");
        return isHeld ? 0 : 1;

        double Ratio(Func<LagFigures, double?> of) => BenchReport.Median([.. watched.Zip(alone, (with, without) => of(with)!.Value / of(without)!.Value)]);
    }

    /// <summary>The crowd as a process, for its work is not to be mistaken for a delay of who measures.</summary>
    private sealed class CrowdProcess(WatchedProcess process) : IAsyncDisposable
    {
        public static async Task<CrowdProcess> StartAsync(LocalAuthority authority, Uri server, int pollers, int listeners, TimeProvider time, CancellationToken stop)
        {
            string[] command = [Environment.ProcessPath!, Crowd.Verb, server.ToString(), pollers.ToString(CultureInfo.InvariantCulture), listeners.ToString(CultureInfo.InvariantCulture)];
            return new(await WatchedProcess.StartAsync(command, BenchedOrg.Surroundings(), Path.Combine(authority.Folder, "crowd.log"), speaks: true, time, stop));
        }

        public async Task<CrowdFigures> EndAsync(CancellationToken stop)
        {
            await process.SignalAsync("TERM");
            return JsonSerializer.Deserialize<CrowdFigures>(await process.ReadLineAsync(stop) ?? throw new InvalidOperationException("the crowd has said nothing"))!;
        }

        public ValueTask DisposeAsync() => process.DisposeAsync();
    }
}
