using Xunit.Abstractions;

namespace SalesforceSync.Tests.Crash;

/// <summary>The rules that a test finds out when they are left out.</summary>
public sealed class PlantedRulesTests(ITestOutputHelper output)
{
    [CrashPointFact]
    [Trait(Extent.Trait, Extent.Whole)]
    public Task A_rule_left_out_is_found_out() => AreFoundOutAsync(oneOf: 2);

    [CrashPointFact]
    [Trait(Extent.Trait, Extent.Part)]
    public Task One_rule_left_out_is_found_out_here_and_there() => AreFoundOutAsync(oneOf: 5);

    /// <summary>The proof tries all of them.</summary>
    private async Task AreFoundOutAsync(int oneOf)
    {
        var unnoticed = new List<string>();
        foreach (var rule in PlantedRules.Tested.Where((_, i) => i % oneOf == 0).Select(tested => tested.Rule))
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
