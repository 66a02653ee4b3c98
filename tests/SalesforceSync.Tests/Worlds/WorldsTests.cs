using SalesforceSync.Tests.Database;
using Xunit.Abstractions;

namespace SalesforceSync.Tests.Worlds;

/// <summary>
/// Whatever happens, and in whatever order the product takes its steps: in the end the replica is the org. SYNC_WORLD=17 lives one world again,
/// SYNC_WORLDS=1-2000 others than the usual ones; SYNC_WORLD_BUG leaves out a rule, to look for a world that finds it out.
/// </summary>
public class WorldsTests(ITestOutputHelper output)
{
    [PostgresFact]
    public async Task Every_world_comes_to_the_truth()
    {
        var tally = new WorldTally();
        var bug = Environment.GetEnvironmentVariable("SYNC_WORLD_BUG");
        var began = TimeProvider.System.GetTimestamp();
        var failures = await WorldRun.LiveAsync([.. Seeds().Select(seed => (seed, bug))], tally);
        output.WriteLine($"{tally[WorldTally.Worlds]} worlds in {TimeProvider.System.GetElapsedTime(began).TotalSeconds:0} s: {tally}");
        failures.ShouldBeEmpty(string.Join("\n\n", failures.Select(f => $"SYNC_WORLD={f.Key.Seed}: {(failures.Count > 3 ? f.Value.Message.Split('\n')[0] : f.Value)}")));
    }

    /// <summary>Worlds with a scene that were once found not to come to the truth.</summary>
    private static readonly int[] Mended = [513, 530, 537];

    /// <summary>What the scenes of the rules need: with every rule in place each comes to the truth.</summary>
    [PostgresFact]
    public async Task Every_scene_comes_to_the_truth()
    {
        var tally = new WorldTally();
        var failures = await WorldRun.LiveAsync([.. LeftOutRulesTests.Found.Select(f => f.Seed).Where(seed => seed > WorldKind.Usual).Concat(Mended).Select(seed => (seed, (string?)null))], tally);
        failures.ShouldBeEmpty(string.Join("\n\n", failures.Select(f => $"SYNC_WORLD={f.Key.Seed}: {f.Value}")));
        Enum.GetValues<WorldScene>().Where(scene => tally[$"scene {scene}"] == 0).ShouldBeEmpty();
    }

    private static IReadOnlyList<int> Seeds() => SeedRange.Asked("SYNC_WORLD") ?? SeedRange.Asked("SYNC_WORLDS") ?? SeedRange.Of($"1-{WorldKind.Usual}");
}
