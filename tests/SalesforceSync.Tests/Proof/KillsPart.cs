using SalesforceSync.Tests.Crash;

namespace SalesforceSync.Tests.Proof;

/// <summary>The kill loop, over and over with new seeds; first it is shown that the loop would find out, and that a loop that does not kill fails.</summary>
public sealed class KillsPart
{
    private const string Kills = "SIGKILLs";
    private const string UnderWay = "SIGKILLs with transactions under way";
    private const string SelfChecks = "self-checks";
    private const string Disarmed = "loops without a killer that failed";
    private const string Planted = "position moved before its rows: found out";
    private const int AtOnce = 20;
    /// <summary>Fewer are applied before the next kill comes.</summary>
    private const int Transactions = 6_000;
    private const int Lanes = 2;

    [ProofFact]
    [Trait(ProofParts.Trait, ProofParts.Kills)]
    public Task Kills_at_random_lose_nothing() => new ProofPart(ProofOrder.Given!, ProofParts.Kills, Kills, Kills, UnderWay, "effects", Disarmed, Planted) { Lanes = Lanes }.RunAsync(async round =>
    {
        if (round.IsFirst(SelfChecks))
            await ProveItselfAsync(round);
        var result = await new KillLoop(new(round.Seed, AtOnce, Transactions)).RunAsync();
        round.Count(Kills, result.Kills);
        round.Count(UnderWay, result.Behind);
        round.Count("transactions", result.Transactions);
        round.Count("events", result.Events);
        round.Count("effects", result.Effects);
        round.Count("snapshots of an onlooker", result.Onlooker.Looks);
        round.Count("lost", result.Faults.Ledger.Lost.Count);
        round.Count("doubled", result.Faults.Ledger.Doubled.Count);
        round.Count("out of order", result.Faults.Ledger.Unordered.Count);
        round.Count("torn", result.Faults.Ledger.Torn.Count + result.Onlooker.Torn.Count);
        round.Count("apart from their position", result.Faults.Ledger.Apart.Count);
        foreach (var (moment, times) in result.Moments)
            round.Window(moment, times);
        result.ShouldBeExact();
    });

    private static async Task ProveItselfAsync(ProofRound round)
    {
        var disarmed = await new KillLoop(new(round.Seed, Kills: 3, Transactions: 500) { IsArmed = false }).RunAsync();
        disarmed.ShouldBeExact();
        Record.Exception(() => disarmed.ShouldProveSomething(3)).ShouldNotBeNull("a loop without a killer has passed");
        round.Count(Disarmed);
        var faults = await KillLoopTests.MovePositionFirstAsync(round.Seed);
        faults.Ledger.Apart.ShouldNotBeEmpty();
        faults.Comparison.Equal.ShouldBeFalse();
        round.Count(Planted);
    }
}
