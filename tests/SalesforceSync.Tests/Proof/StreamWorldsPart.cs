using SalesforceSync.Tests.StreamWorlds;
using SalesforceSync.Tests.Worlds;

namespace SalesforceSync.Tests.Proof;

/// <summary>Stream worlds in memory, one seed after the other.</summary>
public sealed class StreamWorldsPart
{
    private const string Trial = "stream worlds";
    private const int AtOnce = 2_000;

    private static readonly string[] Work = [WorldTally.Transactions, "events", "commits", "lived twice"];

    [ProofFact]
    [Trait(ProofParts.Trait, ProofParts.StreamWorlds)]
    public Task Every_stream_is_accounted_for() => new ProofPart(ProofOrder.Given!, ProofParts.StreamWorlds, Trial, [Trial, .. Work]).RunAsync(round =>
    {
        var (tally, failed) = StreamWorldRun.Live(round.Seed, AtOnce);
        round.Seeds = AtOnce;
        foreach (var kind in failed)
            round.Violated(kind.Seed, StreamWorldRun.Smallest(kind));
        foreach (var (what, times) in tally.Counts)
        {
            if (what == WorldTally.Worlds) round.Count(Trial, times);
            else if (Work.Contains(what)) round.Count(what, times);
            else round.Window(what, times);
        }
        return Task.CompletedTask;
    });
}
