using SalesforceSync.Simulator.Work;

namespace SalesforceSync.Cli.Demo;

/// <summary>What the org does in the demo that a copy survives only by more than applying events in order.</summary>
internal static class Hardship
{
    /// <summary>Scattered over the workload, of a thousand transactions. An overflow has every object it names read whole again: two of them are enough.</summary>
    public static HardWeights Scattered { get; } = new()
    {
        TextDifference = 40,
        HardDelete = 5,
        Merge = 4,
        MergedGap = 8,
        LateStamp = 5,
        LateArrival = 5,
        ExactNumber = 5,
    };

    /// <summary>Committed beside it at fixed times, so that however short the demo is none of them is missing. Those on fields are no transactions.</summary>
    public static IReadOnlyList<(HardKind Kind, int Times)> Certain { get; } =
    [
        (HardKind.TextDifference, 8), (HardKind.HardDelete, 4), (HardKind.MergedGap, 4), (HardKind.Overflow, 1), (HardKind.AddField, 2), (HardKind.ChangeType, 1),
    ];
}
