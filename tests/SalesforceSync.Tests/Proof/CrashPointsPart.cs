using SalesforceSync.Diagnostics;
using SalesforceSync.Tests.Crash;

namespace SalesforceSync.Tests.Proof;

/// <summary>Every named crash point in turn, with a new org each time.</summary>
public sealed class CrashPointsPart
{
    private const string Hits = "crash points hit";
    private const int Lanes = 2;

    [ProofFact]
    [Trait(ProofParts.Trait, ProofParts.CrashPoints)]
    public Task A_worker_that_dies_anywhere_leaves_the_truth_to_be_found() => new ProofPart(ProofOrder.Given!, ProofParts.CrashPoints, Hits, Hits) { Lanes = Lanes }.RunAsync(async round =>
    {
        // The one hit least often so far; a life in which the worker does not die there fails.
        var name = round.Least(CrashPoints.All);
        try
        {
            await CrashPointRun.LiveAsync([Deaths.At(name)], Deaths.LifeOf(name), round.Seed);
        }
        catch (Exception failure)
        {
            throw new InvalidOperationException($"{name}: {failure.Message}", failure);
        }
        round.Count(Hits);
    });
}
