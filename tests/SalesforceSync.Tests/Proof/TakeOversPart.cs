using SalesforceSync.Tests.Crash;

namespace SalesforceSync.Tests.Proof;

/// <summary>Owners that are killed and owners that are paused, several orgs at a time: most of it is waiting for a lease to run out.</summary>
public sealed class TakeOversPart
{
    private const string TakeOvers = "take-overs";
    private const string Killed = "owners killed";
    private const string Paused = "owners paused past their lease";
    private const string Crowded = "take-overs with two that waited";

    /// <summary>More workers at a time have each other late: on two cores four lanes, twice as busy, took over in 15.8 s.</summary>
    private const int Lanes = 3;

    /// <summary>Transactions per second of each lane.</summary>
    private const double Rate = 100;

    [ProofFact]
    [Trait(ProofParts.Trait, ProofParts.TakeOvers)]
    public Task Nobody_writes_after_a_take_over_but_the_new_owner() => new ProofPart(ProofOrder.Given!, ProofParts.TakeOvers, TakeOvers, TakeOvers, Killed, Paused, Crowded) { Lanes = Lanes }.RunAsync(async round =>
    {
        var (what, standbys) = (round.Seed % 2 == 0 ? Paused : Killed, 1 + (round.Seed / 2 % 2));
        var took = await (what == Paused ? TakeOverRun.PauseAsync(round.Seed, standbys, Rate) : TakeOverRun.KillAsync(round.Seed, standbys, Rate));
        round.Count(TakeOvers);
        round.Count(what);
        if (standbys > 1) round.Count(Crowded);
        round.Took(what, took);
        took.ShouldBeLessThan(TakeOverTests.Promised);
    });
}
