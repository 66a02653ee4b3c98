using Xunit.Abstractions;

namespace SalesforceSync.Tests.Crash;

/// <summary>The rules that a test finds out when they are left out.</summary>
public sealed class PlantedRulesTests(ITestOutputHelper output)
{
    /// <summary>Of so many rules one is tried where time is short.</summary>
    private const int Sample = 5;

    [CrashPointFact]
    [Trait(Extent.Trait, Extent.Whole)]
    public Task Each_rule_left_out_is_found_out() => AreFoundOutAsync(PlantedRules.Tested.Select(tested => tested.Rule));

    [CrashPointFact]
    [Trait(Extent.Trait, Extent.Part)]
    public Task A_rule_left_out_is_found_out() => AreFoundOutAsync(PlantedRules.Tested.Where((_, i) => i % Sample == 0).Select(tested => tested.Rule));

    private async Task AreFoundOutAsync(IEnumerable<string> rules)
    {
        var unnoticed = new List<string>();
        foreach (var rule in rules)
        {
            var began = TimeProvider.System.GetTimestamp();
            var failure = await PlantedRules.FailureAsync(rule);
            output.WriteLine($"{rule}, {TimeProvider.System.GetElapsedTime(began).TotalSeconds:0.0} s: {string.Join(' ', (failure ?? "not found out").Split((char[]?)null, 30, StringSplitOptions.RemoveEmptyEntries).Take(29))}");
            if (failure is null)
                unnoticed.Add(rule);
        }
        unnoticed.ShouldBeEmpty();
    }
}
