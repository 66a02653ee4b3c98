using SalesforceSync.Tests.Crash;
using SalesforceSync.Tests.House;
using Xunit.Abstractions;

namespace SalesforceSync.Tests.Endurance;

/// <summary>A worker with little memory under much work: shorter than what script/proof runs, and nothing else.</summary>
public sealed class EnduranceTests(ITestOutputHelper output)
{
    [EnduranceFact]
    [Trait(Extent.Trait, Extent.Whole)]
    public async Task A_backlog_is_worked_off_in_little_memory_though_commits_are_slow()
    {
        var result = await OverloadRun.LiveAsync(new(Seed: 81, Events: 30_000) { Large = 10_000 });
        output.WriteLine($"{result}");
        result.SlowCommits.ShouldBeGreaterThan(5);
        result.Copy.Any.ShouldBeFalse($"{result.Copy}");
    }

    [EnduranceFact]
    [Trait(Extent.Trait, Extent.Whole)]
    public async Task A_worker_with_little_memory_lives_on_under_load_and_faults()
    {
        var result = await SoakRun.LiveAsync(new(Seed: 82, TimeSpan.FromSeconds(20)) { FaultEvery = TimeSpan.FromSeconds(1), MeasureEvery = TimeSpan.FromSeconds(0.2) });
        output.WriteLine($"{result}");
        result.Faults.Values.Sum().ShouldBeGreaterThan(10);
        result.Killed.ShouldBe(0);
        result.Copy.Any.ShouldBeFalse($"{result.Copy}");
    }

    [EnduranceFact]
    [Trait(Extent.Trait, Extent.Whole)]
    public async Task A_worker_that_needs_more_than_it_gets_is_killed_so_the_limit_is_one()
    {
        using var group = MemoryGroup.Create(24L << 20);
        await using var copy = await WatchedCopy.CreateAsync();
        var worker = await copy.StartWorkerAsync((MemoryGroup.Variable, group.Folder));
        (await worker.EndedAsync()).ShouldNotBe(0);
        group.Killed.ShouldBeGreaterThan(0);
    }
}

/// <summary>A test that needs a control group of the system: skipped by name where none can be made, failing there in CI.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class EnduranceFactAttribute : FactAttribute
{
    public EnduranceFactAttribute() => Skip = WorkerProgram.SkipReason ?? (Repository.IsCi ? null : MemoryGroup.SkipReason);
}
