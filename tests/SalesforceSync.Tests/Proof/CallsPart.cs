using SalesforceSync.Tests.Chaos;

namespace SalesforceSync.Tests.Proof;

/// <summary>One scripted run for each of its calls, which fails, in each way in which it can.</summary>
public sealed class CallsPart
{
    private const string Struck = "calls that failed";
    private const string Tried = "runs";
    private const int AtOnce = 60;

    [ProofFact]
    [Trait(ProofParts.Trait, ProofParts.Calls)]
    public async Task Whichever_call_fails_the_run_comes_to_the_truth()
    {
        var calls = await NthCalls.CountAsync();
        // In an order that is the same each time: what is not reached is of all kinds.
        var all = calls.All.ToArray();
        new Random(1).Shuffle(all);
        await new ProofPart(ProofOrder.Given!, ProofParts.Calls, Struck, Struck) { OutOf = all.Length }.RunAsync(async round =>
        {
            var tried = (int)round.Counted(Tried);
            var next = all.Skip(tried).Take(AtOnce).ToList();
            round.IsLast = tried + next.Count == all.Length;
            var result = await calls.LiveAsync(next);
            round.Count(Tried, next.Count);
            round.Count(Struck, result.Struck);
            round.Count("all parts began anew", result.Anew);
            foreach (var run in next)
                round.Window($"{run.Callee} {run.Failure}");
            foreach (var (run, wrong) in result.Wrong)
                round.Violated(run.N, $"SYNC_NTH={run.N} ({run.Callee} {run.Failure}): {wrong}");
        });
    }
}
