using SalesforceSync.Tests.Chaos;
using SalesforceSync.Tests.Crash;
using SalesforceSync.Tests.EndToEnd;
using SalesforceSync.Tests.Month;
using SalesforceSync.Tests.Sweep;
using SalesforceSync.Tests.Worlds;
using Xunit.Abstractions;

[assembly: TestCollectionOrderer("SalesforceSync.Tests.LongestFirst", "SalesforceSync.Tests")]

namespace SalesforceSync.Tests;

/// <summary>What takes longest is begun first, so that nobody waits for it in the end.</summary>
public sealed class LongestFirst : ITestCollectionOrderer
{
    private static readonly string[] Long =
    [
        nameof(WorldsTests), nameof(KillLoopTests), nameof(MonthTests), nameof(CrashPointKillTests), nameof(SweepTests), nameof(SnapshotTests), nameof(LostPositionTests),
        nameof(NthCallTests), nameof(UnknownCommitTests),
    ];

    public IEnumerable<ITestCollection> OrderTestCollections(IEnumerable<ITestCollection> testCollections) => testCollections.OrderBy(collection =>
        Array.FindIndex(Long, name => collection.DisplayName.EndsWith($".{name}", StringComparison.Ordinal)) is >= 0 and var place ? place : Long.Length);
}
