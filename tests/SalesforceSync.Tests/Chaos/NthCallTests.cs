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

    [PostgresFact]
    [Trait(Extent.Trait, Extent.Whole)]
    public async Task Whichever_call_fails_the_run_comes_to_the_truth()
    {
        var began = TimeProvider.System.GetTimestamp();
        var calls = await NthCalls.CountAsync();
        var chosen = Chosen(calls.All);
        var result = await calls.LiveAsync(chosen);
        output.WriteLine($"a run makes {string.Join(", ", calls.Counts.Select(c => $"{c.Value} {c.Key} calls"))}: {calls.All.Count} ways to fail");
        output.WriteLine($"{chosen.Count} runs in {TimeProvider.System.GetElapsedTime(began).TotalSeconds:0.0} s, {result.Struck} failures struck, {result.Anew} times all parts began anew");
        var most = result.Wrong.Count > 3 ? 500 : int.MaxValue;
        result.Wrong.ShouldBeEmpty(string.Join("\n\n", result.Wrong.Select(w => $"SYNC_NTH={w.Key.N} ({w.Key.Callee} {w.Key.Failure}): {w.Value[..Math.Min(most, w.Value.Length)]}")));
        result.Struck.ShouldBe(chosen.Count);
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

    private static List<NthRun> Chosen(IReadOnlyList<NthRun> all)
    {
        switch (Environment.GetEnvironmentVariable("SYNC_NTH"))
        {
            case "all":
                return [.. all];
            case { Length: > 0 } some:
                var asked = SeedRange.Of(some);
                return [.. all.Where(run => run.N >= asked[0] && run.N <= asked[^1])];
            default:
                // One of every so many, so that each kind and way has its share.
                var random = new Random(77);
                return [.. all.Chunk(Math.Max(1, all.Count / Sample)).Select(some => some[random.Next(some.Length)])];
        }
    }
}
