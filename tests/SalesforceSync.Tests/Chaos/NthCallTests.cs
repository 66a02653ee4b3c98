using System.Collections.Concurrent;
using SalesforceSync.Tests.Database;
using Xunit.Abstractions;

namespace SalesforceSync.Tests.Chaos;

/// <summary>
/// The same run again and again, and each time another of its calls fails: each comes to the truth. A sample is run; SYNC_NTH=17 fails the 17th call of each
/// kind in each way, SYNC_NTH=17-40 those from the 17th to the 40th, SYNC_NTH=all every one.
/// </summary>
public sealed class NthCallTests(ITestOutputHelper output)
{
    /// <summary>Runs of a sample, over all kinds and ways.</summary>
    private const int Sample = 12;

    private static readonly (Callee Callee, Failure Failure)[] Ways =
    [
        (Callee.Database, Failure.CutBefore), (Callee.Database, Failure.LoseAnswer),
        (Callee.Http, Failure.CutBefore), (Callee.Http, Failure.LoseAnswer), (Callee.Http, Failure.Unavailable),
        (Callee.Grpc, Failure.CutBefore), (Callee.Grpc, Failure.LoseAnswer), (Callee.Grpc, Failure.Unavailable),
        (Callee.Stream, Failure.CutBefore),
    ];

    [PostgresFact]
    [Trait(Extent.Trait, Extent.Whole)]
    public async Task Whichever_call_fails_the_run_comes_to_the_truth()
    {
        var began = TimeProvider.System.GetTimestamp();
        var (whole, counts) = await WithoutFailureAsync();
        var chosen = Chosen(counts);
        var failures = new ConcurrentDictionary<string, string>();
        var (struck, lives) = (0, 0);
        await InLanesAsync(chosen, async (lane, run, name) =>
        {
            var call = new NthCall(run.Callee, run.Failure, run.N);
            try
            {
                var result = await ScriptedRun.LiveAsync(lane, call, name);
                call.HasStruck.ShouldBeTrue("it never came so far");
                (result.Events, result.Transactions).ShouldBe((whole.Events, whole.Transactions));
                Interlocked.Increment(ref struck);
                Interlocked.Add(ref lives, result.Failures.Count);
            }
            catch (Exception wrong)
            {
                failures[$"SYNC_NTH={run.N} ({call})"] = wrong.Message;
            }
        });
        output.WriteLine($"a run makes {string.Join(", ", counts.Select(c => $"{c.Value} {c.Key} calls"))}: {counts.Sum(c => c.Value * Ways.Count(w => w.Callee == c.Key))} ways to fail");
        output.WriteLine($"{chosen.Count} runs in {TimeProvider.System.GetElapsedTime(began).TotalSeconds:0.0} s, {struck} failures struck, {lives} times all parts began anew");
        failures.ShouldBeEmpty(string.Join("\n\n", failures.OrderBy(f => f.Key, StringComparer.Ordinal).Select(f => $"{f.Key}: {(failures.Count > 3 ? f.Value[..Math.Min(500, f.Value.Length)] : f.Value)}")));
        struck.ShouldBe(chosen.Count);
    }

    [PostgresFact]
    public async Task What_a_reading_has_seen_is_cleared_away_although_its_owner_ended_between_closing_it_and_that()
    {
        await using var lane = await RunLane.CreateAsync();
        var struck = 0;
        var result = await ScriptedRun.LiveAsync(lane, NthCall.None, "seen", exchange =>
        {
            if (!exchange.IsAlone || !exchange.Says("delete from salesforce_sync.seen where read = $1"))
                return Fate.Pass;
            Interlocked.Increment(ref struck);
            return Fate.CutBefore;
        });

        struck.ShouldBeGreaterThan(2);
        result.Failures.Count.ShouldBe(struck);
    }

    private static async Task<(ScriptedRunResult Whole, Dictionary<Callee, int> Counts)> WithoutFailureAsync()
    {
        await using var lane = await RunLane.CreateAsync();
        // The first run of a lane opens the connections that the others find.
        await ScriptedRun.LiveAsync(lane, NthCall.None, "first");
        var call = NthCall.None;
        var result = await ScriptedRun.LiveAsync(lane, call, "whole");
        result.Failures.ShouldBeEmpty();
        return (result, Enum.GetValues<Callee>().ToDictionary(c => c, c => call[c]));
    }

    private static List<(Callee Callee, Failure Failure, int N)> Chosen(Dictionary<Callee, int> counts)
    {
        var all = Ways.SelectMany(way => Enumerable.Range(1, counts[way.Callee]).Select(n => (way.Callee, way.Failure, N: n))).ToList();
        switch (Environment.GetEnvironmentVariable("SYNC_NTH"))
        {
            case "all":
                return all;
            case { Length: > 0 } some:
                var asked = SeedRange.Of(some);
                return [.. all.Where(run => run.N >= asked[0] && run.N <= asked[^1])];
            default:
                // One of every so many, so that each kind and way has its share.
                var random = new Random(77);
                return [.. all.Chunk(Math.Max(1, all.Count / Sample)).Select(some => some[random.Next(some.Length)])];
        }
    }

    private static async Task InLanesAsync<T>(IEnumerable<T> runs, Func<RunLane, T, string, Task> live)
    {
        var left = new ConcurrentQueue<T>(runs);
        var named = 0;
        var lanes = Math.Min(left.Count, Environment.ProcessorCount + 1);
        await Parallel.ForEachAsync(Enumerable.Range(0, lanes), new ParallelOptions { MaxDegreeOfParallelism = Math.Max(1, lanes) }, async (_, _) =>
        {
            await using var lane = await RunLane.CreateAsync();
            while (left.TryDequeue(out var run))
                await live(lane, run, $"run{Interlocked.Increment(ref named)}");
        });
    }
}
