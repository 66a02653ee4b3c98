using SalesforceSync.Tests.Database;
using Xunit.Abstractions;

namespace SalesforceSync.Tests.Crash;

/// <summary>Several workers, one org: one copies, the others stand by; whoever lost the org writes nothing any more. Alone, because how long it takes is promised.</summary>
[Collection(AloneCollection.Name)]
public sealed class TakeOverTests(ITestOutputHelper output)
{
    internal static readonly TimeSpan Promised = TimeSpan.FromSeconds(15);

    [PostgresFact]
    [Trait(Extent.Trait, Extent.Whole)]
    public async Task A_worker_that_stands_by_takes_over_from_one_that_is_killed() => Show("killed", await TakeOverRun.KillAsync(seed: 31, standbys: 1));

    [PostgresFact]
    [Trait(Extent.Trait, Extent.Whole)]
    public async Task A_worker_that_was_paused_past_its_lease_writes_nothing_any_more_and_stands_by() => Show("paused", await TakeOverRun.PauseAsync(seed: 32, standbys: 2));

    private void Show(string what, TimeSpan took)
    {
        output.WriteLine($"{what}: taken over after {took.TotalSeconds:0.0} s");
        took.ShouldBeLessThan(Promised);
    }
}
