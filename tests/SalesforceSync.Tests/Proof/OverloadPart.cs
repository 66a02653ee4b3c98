using System.Globalization;
using SalesforceSync.Tests.Endurance;

namespace SalesforceSync.Tests.Proof;

/// <summary>A great backlog, over and over.</summary>
public sealed class OverloadPart
{
    private const string Events = "events";
    private const int Backlog = 1_000_000;

    [ProofFact]
    [Trait(ProofParts.Trait, ProofParts.Overload)]
    public Task A_backlog_is_worked_off_in_little_memory() => new ProofPart(ProofOrder.Given!, ProofParts.Overload, Events, Events, "slow commits").RunAsync(async round =>
    {
        var result = await OverloadRun.LiveAsync(new(round.Seed, Backlog));
        round.Count(Events, result.Events);
        round.Count("slow commits", result.SlowCommits);
        round.Count("transactions of 100,000 events");
        round.Measured(string.Create(CultureInfo.InvariantCulture, $"seed {round.Seed}: {result}"));
        result.Copy.Any.ShouldBeFalse($"{result.Copy}");
    });
}
