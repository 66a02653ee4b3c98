using System.Globalization;
using SalesforceSync.Diagnostics;
using SalesforceSync.Tests.Crash;
using Xunit.Abstractions;

namespace SalesforceSync.Tests.Worlds;

/// <summary>
/// Each rule has a world that finds out when it is left out: what the worlds check is what the rules keep right. SYNC_WORLD_RULES=1-40 looks for the first
/// such world of each rule among others.
/// </summary>
public class LeftOutRulesTests(ITestOutputHelper output)
{
    private static readonly (string Rule, int Seed)[] Found =
    [
    ];

    [CrashPointFact]
    public async Task Each_rule_left_out_is_found_out()
    {
        var tally = new WorldTally();
        var failures = await WorldRun.LiveAsync([.. Found.Select(f => (f.Seed, (string?)f.Rule))], tally);
        foreach (var ((seed, rule), failure) in failures)
            output.WriteLine($"{rule}: world {seed}: {failure.Message.Split('\n')[0]}");
        Found.Where(f => !failures.ContainsKey((f.Seed, f.Rule))).ShouldBeEmpty();
    }

    [CrashPointFact]
    public async Task The_first_world_of_each_rule_is_looked_for()
    {
        if (Environment.GetEnvironmentVariable("SYNC_WORLD_RULES") is not { Length: > 0 } range)
            return;
        var seeds = range.Split('-').Select(n => int.Parse(n, CultureInfo.InvariantCulture)).ToArray();
        var only = Environment.GetEnvironmentVariable("SYNC_WORLD_BUG");
        foreach (var rule in PlantedBugs.All.Where(r => string.IsNullOrEmpty(only) || r == only))
        {
            var found = 0;
            for (var from = seeds[0]; from <= seeds[1] && found == 0; from += 3)
                found = (await WorldRun.LiveAsync([.. Enumerable.Range(from, 3).Select(seed => (seed, (string?)rule))], new WorldTally())).Keys.Select(k => k.Seed).FirstOrDefault();
            await File.AppendAllTextAsync("/tmp/rules.txt", $"(\"{rule}\", {found}),\n");
        }
    }
}
