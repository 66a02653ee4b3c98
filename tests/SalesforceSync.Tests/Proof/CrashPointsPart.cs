using SalesforceSync.Tests.Crash;

namespace SalesforceSync.Tests.Proof;

/// <summary>Every named crash point, one after the other in one org, with a new org each time.</summary>
public sealed class CrashPointsPart
{
    private const string Hits = "crash points hit";
    private const int Lanes = 2;

    [ProofFact]
    [Trait(ProofParts.Trait, ProofParts.CrashPoints)]
    public Task A_worker_that_dies_anywhere_leaves_the_truth_to_be_found() => new ProofPart(ProofOrder.Given!, ProofParts.CrashPoints, Hits, Hits) { Lanes = Lanes }.RunAsync(async round =>
    {
        // The one lived least often so far. A life in which a worker does not die where it should fails.
        var life = Enum.Parse<CrashLife>(round.Least(Enum.GetNames<CrashLife>()));
        await CrashPointRun.LiveAsync(Deaths.Of[life], life, round.Seed);
        foreach (var death in Deaths.Of[life])
        {
            round.Count(Hits);
            round.Window(death.Name);
        }
    });
}
