using SalesforceSync.Tests.Worlds;

namespace SalesforceSync.Tests.Proof;

/// <summary>Random worlds on a real Postgres, one seed after the other.</summary>
public sealed class WorldsPart
{
    /// <summary>Worlds that share the databases of their lanes.</summary>
    private const int AtOnce = 200;

    private static readonly string[] Work = [WorldTally.Worlds, WorldTally.Transactions, WorldTally.RecordsCompared, "calls", "crash", "cut", "position void"];

    [ProofFact]
    [Trait(ProofParts.Trait, ProofParts.Worlds)]
    public Task Every_world_comes_to_the_truth() => new ProofPart(ProofOrder.Given!, ProofParts.Worlds, WorldTally.Worlds, Work).RunAsync(async round =>
    {
        var tally = new WorldTally();
        var failures = await WorldRun.LiveAsync([.. Enumerable.Range(round.Seed, AtOnce).Select(seed => (seed, (string?)null))], tally, () => round.IsOver && tally[WorldTally.Worlds] > 0);
        round.Seeds = (int)tally[WorldTally.Worlds] + failures.Count;
        foreach (var ((seed, _), failure) in failures)
            round.Violated(seed, $"SYNC_WORLD={seed}: {failure.Message.Split('\n')[0]}");
        foreach (var (what, times) in tally.Counts)
        {
            if (Work.Contains(what)) round.Count(what, times);
            else round.Window(what, times);
        }
    });
}
