using System.Text.Json;
using SalesforceSync.Tests.Database;
using SalesforceSync.Tests.Protocol.Strangers;

namespace SalesforceSync.Tests.EndToEnd;

/// <summary>
/// A second org that is not ours (tests/strangers/port-*.mjs, from the public description alone) has records from before the stream, tells some changes badly
/// and others not at all, and answers REST and Bulk in the several ways the documents allow. The program copies it, configured as an operator would; the
/// org's own code then compares its records with the tables, value by value.
/// </summary>
public class StrangeOrgRepairTests
{
    [StrangerTheory("node")]
    [InlineData("as most orgs answer", 20, """{"steps":["gaps","verify"]}""")]
    public async Task Copy_of_a_strange_org_comes_to_its_truth_whatever_the_stream_kept_back(string answers, int snapshotCalls, string variant)
    {
        var seen = await TellAsync(variant);
        Strings(seen, "differences").ShouldBeEmpty($"{answers}: {seen}");
        Strings(seen, "faults").ShouldBeEmpty(answers);
        Strings(seen, "other").ShouldBeEmpty($"{answers}: calls of what is not there");
        Strings(seen, "snapshotCalls").Count.ShouldBeLessThanOrEqualTo(snapshotCalls, $"{answers}: {seen}");
        seen.GetProperty("exit").GetInt32().ShouldBe(0);
    }

    private static async Task<JsonElement> TellAsync(string variant)
    {
        if (PostgresFixture.SkipReason is { } reason)
        {
            Assert.Fail(reason);
        }
        await using var story = Stranger.Start("port-story.mjs", [Path.Combine(AppContext.BaseDirectory, "salesforce-sync"), await PostgresFixture.CreateDatabaseAsync(), variant]);
        while (true)
        {
            var said = await story.ReadAsync();
            if (said.TryGetProperty("differences", out _))
            {
                return said;
            }
        }
    }

    private static List<string> Strings(JsonElement seen, string name) => [.. seen.GetProperty(name).EnumerateArray().Select(line => line.GetString()!)];
}
