using SalesforceSync.Tests.Crash;

namespace SalesforceSync.Tests.Proof;

/// <summary>Owners that are killed and owners that are paused, several orgs at a time: most of it is waiting for a lease to run out.</summary>
public sealed class TakeOversPart
{
    private const string TakeOvers = "take-overs";
    private const string Killed = "owners killed";
    private const string Paused = "owners paused past their lease";
    private const string Crowded = "take-overs with two that waited";

    /// <summary>Pairs of workers at a time.</summary>
    private const int Lanes = 2;

    [ProofFact]
    [Trait(ProofParts.Trait, ProofParts.TakeOvers)]
    public Task Nobody_writes_after_a_take_over_but_the_new_owner() => new ProofPart(ProofOrder.Given!, ProofParts.TakeOvers, TakeOvers, TakeOvers, Killed, Paused, Crowded).RunAsync(async round =>
    {
        round.Seeds = Lanes;
        await Task.WhenAll(Enumerable.Range(round.Seed, Lanes).Select(seed => OneAsync(round, seed)));
    });

    private static async Task OneAsync(ProofRound round, int seed)
    {
        var (what, standbys) = (seed % 2 == 0 ? Paused : Killed, 1 + (seed / 2 % 2));
        try
        {
            var took = await (what == Paused ? TakeOverRun.PauseAsync(seed, standbys) : TakeOverRun.KillAsync(seed, standbys));
            round.Count(TakeOvers);
            round.Count(what);
            if (standbys > 1) round.Count(Crowded);
            round.Took(what, took);
            took.ShouldBeLessThan(TakeOverTests.Promised);
        }
        catch (Exception failure)
        {
            round.Violated(seed, $"{what}: {failure.Message}");
        }
    }
}
