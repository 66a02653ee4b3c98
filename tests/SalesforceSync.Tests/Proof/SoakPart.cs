using System.Globalization;
using SalesforceSync.Tests.Endurance;

namespace SalesforceSync.Tests.Proof;

/// <summary>One worker for the whole time of the part.</summary>
public sealed class SoakPart
{
    private const string Minutes = "minutes";

    /// <summary>Shorter ones measure too little.</summary>
    private static readonly TimeSpan Least = TimeSpan.FromMinutes(1);

    /// <summary>Shorter ones tell nothing of an hour: their trends are written down and not judged, nor can each fault have come.</summary>
    private static readonly TimeSpan Telling = TimeSpan.FromMinutes(10);

    /// <summary>Megabytes an hour that a worker may grow by for certain: what is beyond is a leak.</summary>
    private const double MostMegabytes = 10;

    /// <summary>Handles an hour, in the same way.</summary>
    private const double MostHandles = 10;

    [ProofFact]
    [Trait(ProofParts.Trait, ProofParts.Soak)]
    public Task A_worker_with_little_memory_lives_on() => new ProofPart(ProofOrder.Given!, ProofParts.Soak, Minutes, Minutes, "events", "faults").RunAsync(async round =>
    {
        var share = ProofOrder.Given!.Share;
        var result = await SoakRun.LiveAsync(new(round.Seed, share < Least ? Least : share));
        round.IsLast = true;
        round.Count(Minutes, (long)result.Took.TotalMinutes);
        round.Count("events", result.Events);
        round.Count("effects", result.Effects);
        round.Count("faults", result.Faults.Values.Sum());
        round.Measured(string.Create(CultureInfo.InvariantCulture, $"seed {round.Seed}: {result}"));
        foreach (var (fault, times) in result.Faults)
            round.Window(fault, times);
        result.Killed.ShouldBe(0);
        result.Copy.Any.ShouldBeFalse($"{result.Copy}");
        if (share < Telling)
            return;
        result.Faults.Values.ShouldAllBe(times => times > 0);
        result.Resident.Exceeds(MostMegabytes).ShouldBeFalse($"{result}");
        result.Handles.Exceeds(MostHandles).ShouldBeFalse($"{result}");
    });
}
