using Xunit.Abstractions;

namespace SalesforceSync.Tests.Crash;

/// <summary>The rules that a test finds out when they are left out.</summary>
public sealed class PlantedRulesTests(ITestOutputHelper output)
{
    [CrashPointFact]
    public async Task A_rule_left_out_is_found_out()
    {
        var unnoticed = new List<string>();
        foreach (var (rule, _) in PlantedRules.Tested)
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
