using SalesforceSync.Tests.Decode;
using SalesforceSync.Tests.House;

namespace SalesforceSync.Tests.Proof;

/// <summary>Mutilated bytes for every parser that takes some from elsewhere: they are accepted or refused as the parser says it refuses, and nothing else.</summary>
public sealed class FuzzPart
{
    private const string Inputs = "inputs";
    private const int AtOnce = 400;

    private static readonly string Folder = Path.Combine(Repository.Root, "artifacts", "fuzz");

    [ProofFact]
    [Trait(ProofParts.Trait, ProofParts.Fuzz)]
    public Task Whatever_comes_is_accepted_or_refused() => new ProofPart(ProofOrder.Given!, ProofParts.Fuzz, Inputs, [Inputs, .. FuzzTarget.All.Select(target => target.Name)]).RunAsync(async round =>
    {
        foreach (var target in FuzzTarget.All)
            await FeedAsync(target, round);
    });

    private static async Task FeedAsync(FuzzTarget target, ProofRound round)
    {
        var random = new Random(round.Seed);
        var corpus = new FuzzCorpus(target, Folder);
        for (var i = 0; i < AtOnce; i++)
        {
            var bytes = Mutilation.Of(corpus.Pick(random), target.Good, random);
            try
            {
                var outcome = await target.TakeAsync(bytes);
                round.Window($"{target.Name}: {outcome}");
                corpus.Keep(bytes, outcome, random);
            }
            catch (Exception failure)
            {
                round.Violated(round.Seed, $"{target.Name}, {Convert.ToBase64String(bytes)}: {failure}");
                break;
            }
        }
        corpus.Save();
        round.Count(Inputs, AtOnce);
        round.Count(target.Name, AtOnce);
    }
}
