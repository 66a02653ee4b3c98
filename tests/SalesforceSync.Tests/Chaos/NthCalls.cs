using System.Collections.Concurrent;

namespace SalesforceSync.Tests.Chaos;

/// <summary>One run in which one call fails.</summary>
internal readonly record struct NthRun(Callee Callee, Failure Failure, int N);

/// <summary>What came of runs in which calls failed.</summary>
/// <param name="Struck">Runs whose call failed and that came to the truth.</param>
/// <param name="Anew">How often all parts of the product began anew.</param>
/// <param name="Wrong">What is wrong, by run.</param>
internal sealed record NthResult(int Struck, int Anew, IReadOnlyDictionary<NthRun, string> Wrong);

/// <summary>The same run again and again, and each time another of its calls fails. Runs share a few databases and simulated orgs, lane by lane.</summary>
internal sealed class NthCalls
{
    private static readonly (Callee Callee, Failure Failure)[] Ways =
    [
        (Callee.Database, Failure.CutBefore), (Callee.Database, Failure.LoseAnswer),
        (Callee.Http, Failure.CutBefore), (Callee.Http, Failure.LoseAnswer), (Callee.Http, Failure.Unavailable),
        (Callee.Grpc, Failure.CutBefore), (Callee.Grpc, Failure.LoseAnswer), (Callee.Grpc, Failure.Unavailable),
        (Callee.Stream, Failure.CutBefore),
    ];

    private readonly ScriptedRunResult _whole;
    private int _named;

    private NthCalls(ScriptedRunResult whole, IReadOnlyDictionary<Callee, int> counts)
    {
        (_whole, Counts) = (whole, counts);
        All = [.. Ways.SelectMany(way => Enumerable.Range(1, counts[way.Callee]).Select(n => new NthRun(way.Callee, way.Failure, n)))];
    }

    /// <summary>How many calls of each kind a run makes.</summary>
    public IReadOnlyDictionary<Callee, int> Counts { get; }

    /// <summary>Every call in every way.</summary>
    public IReadOnlyList<NthRun> All { get; }

    /// <summary>Lives the run without a failure, and counts its calls.</summary>
    public static async Task<NthCalls> CountAsync()
    {
        await using var lane = await RunLane.CreateAsync();
        // The first run of a lane opens the connections that the others find.
        await ScriptedRun.LiveAsync(lane, NthCall.None, "first");
        var call = NthCall.None;
        var result = await ScriptedRun.LiveAsync(lane, call, "whole");
        result.Failures.ShouldBeEmpty();
        return new(result, Enum.GetValues<Callee>().ToDictionary(c => c, c => call[c]));
    }

    public async Task<NthResult> LiveAsync(IReadOnlyList<NthRun> runs)
    {
        var wrong = new ConcurrentDictionary<NthRun, string>();
        var (struck, anew) = (0, 0);
        var left = new ConcurrentQueue<NthRun>(runs);
        var lanes = Math.Min(left.Count, Environment.ProcessorCount + 1);
        await Parallel.ForEachAsync(Enumerable.Range(0, lanes), new ParallelOptions { MaxDegreeOfParallelism = Math.Max(1, lanes) }, async (_, _) =>
        {
            await using var lane = await RunLane.CreateAsync();
            while (left.TryDequeue(out var run))
            {
                var call = new NthCall(run.Callee, run.Failure, run.N);
                try
                {
                    var result = await ScriptedRun.LiveAsync(lane, call, $"run{Interlocked.Increment(ref _named)}");
                    call.HasStruck.ShouldBeTrue("it never came so far");
                    (result.Events, result.Transactions).ShouldBe((_whole.Events, _whole.Transactions));
                    Interlocked.Increment(ref struck);
                    Interlocked.Add(ref anew, result.Failures.Count);
                }
                catch (Exception failure)
                {
                    wrong[run] = failure.Message;
                }
            }
        });
        return new(struck, anew, wrong);
    }
}
