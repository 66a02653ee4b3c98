namespace SalesforceSync.Tests.Crash;

/// <summary>The rules that a test finds out when they are left out.</summary>
public sealed class PlantedRulesTests
{
    [CrashPointFact]
    public async Task A_rule_left_out_is_found_out()
    {
        var unnoticed = new List<string>();
        foreach (var (rule, _) in PlantedRules.Tested)
        {
            if (!await PlantedRules.IsFoundOutAsync(rule))
                unnoticed.Add(rule);
        }
        unnoticed.ShouldBeEmpty();
    }
}
