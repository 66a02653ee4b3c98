using System.Globalization;
using SalesforceSync.Tests.Endurance;

namespace SalesforceSync.Tests.Proof;

/// <summary>A great backlog, over and over; a smaller one where the time of the part is short.</summary>
public sealed class OverloadPart
{
    private const string Events = "events";
    private const int Backlog = 1_000_000;
    private const int EventsPerSecond = 2_000;
    private const int Large = 100_000;

    [ProofFact]
    [Trait(ProofParts.Trait, ProofParts.Overload)]
    public Task A_backlog_is_worked_off_in_little_memory() => new ProofPart(ProofOrder.Given!, ProofParts.Overload, Events, Events, "slow commits").RunAsync(async round =>
    {
        var backlog = (int)Math.Clamp(ProofOrder.Given!.Share.TotalSeconds * EventsPerSecond, 2 * Large, Backlog);
        var result = await OverloadRun.LiveAsync(new(round.Seed, backlog) { Large = Large });
        round.Count(Events, result.Events);
        round.Count("slow commits", result.SlowCommits);
        round.Count("transactions of 100,000 events");
        round.Measured(string.Create(CultureInfo.InvariantCulture, $"seed {round.Seed}: {result}"));
        result.Copy.Any.ShouldBeFalse($"{result.Copy}");
    });
}
